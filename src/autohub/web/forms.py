"""What a form on a page sent, and how its fields are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

from autohub.access.proofs import PASSWORD
from autohub.kit import numbers
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import CONTROL_IN_LINES, clean, shorten

NOT_RIGHT = "Some of the values are not right."


class SentFile(NamedTuple):
    """A file out of a form, on disk as long as the request lasts."""

    name: str
    media: str
    path: Path
    size: int
    sha256: str


PASSWORDS = ("password", "current", "client_secret", PASSWORD)
"""The fields that hold passwords: what was typed counts, blanks and all."""


class Form:
    """What a form sent. Texts but passwords are stripped; line ends come as one character."""

    def __init__(
        self, pairs: Sequence[tuple[str, str]] = (), files: Mapping[str, SentFile] | None = None
    ) -> None:
        """Raises Invalid for characters that cannot be kept."""
        for name, value in pairs:
            if found := CONTROL_IN_LINES.search(value):
                text = say(
                    "holds the control character U+{found:04X}; remove it.", found=ord(found[0])
                )
                raise Invalid(
                    "Some texts hold characters that cannot be kept.",
                    details={shorten(name): [text]},
                )
        self.pairs = [
            (name, value if name in PASSWORDS else clean(value.replace("\r\n", "\n")))
            for name, value in pairs
        ]
        self._values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._values.setdefault(name, []).append(value)
        self.files = dict(files or {})

    def get(self, name: str, default: str = "") -> str:
        """The last value under this name."""
        return self._values.get(name, [default])[-1]

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def numbers(self, name: str) -> list[int]:
        """The whole numbers under this name; what is none is passed over."""
        return [int(value) for value in self.all(name) if is_number(value)]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def flag(self, name: str) -> int:
        """1 for a ticked box."""
        return int(self.get(name) in ("1", "on", "true"))

    def number(self, name: str) -> int | None:
        """A whole number, None for an empty field. Raises Invalid."""
        text = self.get(name)
        if not text:
            return None
        if not is_number(text):
            raise Invalid(NOT_RIGHT, details={name: ["must be a whole number."]})
        return int(text)

    def decimal(self, name: str) -> float | None:
        """A number, None for an empty field. Raises Invalid."""
        return decimal(self.get(name), name)


def is_number(text: str) -> bool:
    """Whether a text is a whole number that a database holds."""
    return text.isascii() and text.isdigit() and len(text) < 16


def decimal(text: str, name: str) -> float | None:
    """A number as people type one; None for an empty text. Raises Invalid, at `name`, for what
    is none, and for 1,234: whether that is a thousand or one and a bit depends on who reads it."""
    if not text:
        return None
    try:
        return numbers.read(text)
    except numbers.TwoNumbers as error:
        raise Invalid(NOT_RIGHT, details={name: [str(error)]}) from None
    except numbers.NotANumber:
        raise Invalid(
            NOT_RIGHT,
            details={
                name: [say("must be a number such as 1250.5; “{text}” is not.", text=shorten(text))]
            },
        ) from None


def pairs_of(raw: bytes) -> list[tuple[str, str]]:
    """The pairs of a query string or a form. Raises Invalid."""
    try:
        return parse_qsl(
            raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=10_000
        )
    except ValueError:
        raise Invalid("What the browser sent cannot be read; go back and try again.") from None
