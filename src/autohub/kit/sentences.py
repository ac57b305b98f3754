"""Sentences with values in them, which every reader gets in their own language."""

from typing import Any

import msgspec


class Sentence(str):
    """A sentence in English that knows what it is made of.

    It is an ordinary text wherever it is shown as it is: in answers of the API, logs and commands.
    A page makes it anew, in its reader's language, from `template`, which is what the catalogue
    holds, and `values` by the names that stand in it in braces.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any]) -> "Sentence":
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made


def say(template: str, /, **values: Any) -> str:
    """A Sentence: `say("There is no idea {process_id}.", process_id=12)`. A value may be a
    Sentence itself."""
    return Sentence(template, values)


def _write_plainly(value: Any) -> str:
    if isinstance(value, Sentence):
        return str(value)
    raise NotImplementedError(f"{type(value)} is no JSON.")


encode = msgspec.json.Encoder(enc_hook=_write_plainly).encode
"""JSON of what may hold sentences, which stand in it as they are in English."""
