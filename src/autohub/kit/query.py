"""Query strings: which parameters a call knows, and their values checked all at once."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import CONTROL, number_at_end, shorten
from autohub.kit.unknown import warn_of_unknown

MAX_NUMBER = 2**53 - 1
DEFAULT_LIMIT = 20
MAX_VALUES = 200
"""How many values one parameter may have; whoever needs more asks in parts."""


class Param(NamedTuple):
    """One parameter of a query. `multi` ones may be repeated, and for numbers and choices
    separated by commas; a number may also be one of the words in `choices`. An `idea` is named by
    its number or its slug. Of a `required` one the call itself says that it lacks."""

    name: str
    kind: Literal["text", "number", "idea", "choice", "flag"] = "text"
    doc: str = ""
    choices: tuple[str, ...] = ()
    multi: bool = False
    required: bool = False
    minimum: int | None = None
    alias: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for (contract 1.5)."""

    limit: int
    offset: int

    def envelope(self, name: str, items: Sequence[Any], total: int) -> dict[str, Any]:
        """The contract's page: `totalPages` is at least 1, `pageSize` the limit in force."""
        return {
            "page": self.offset // self.limit + 1,
            "pageSize": self.limit,
            "totalItems": total,
            "totalPages": max(1, -(-total // self.limit)),
            name: items,
        }


EVERYTHING = Page(MAX_NUMBER, 0)
"""The page that holds all there is."""

PAGING = (
    Param(
        "limit",
        "number",
        say(
            "How many of them, {default_limit} unless given; there is no upper bound.",
            default_limit=DEFAULT_LIMIT,
        ),
    ),
    Param("offset", "number", "How many to pass over; wins over `page`."),
    Param("page", "number", "The page, from 1; 0 is the first page too."),
)
SEARCH = (
    Param("s", "text", "Free text, upper and lower case and accents alike.", alias=("search",)),
)


ATOMIC = Param("atomic", "choice", "All or, if one fails, none (400).", choices=("true", "false"))
DRY_RUN = Param(
    "dryRun", "choice", "The same answer, and nothing written.", choices=("true", "false")
)
REPORT = Param(
    "report",
    "choice",
    "`all` lists everything in `results`, not only what failed or must be said.",
    choices=("all", "failed"),
)
"""The parameters of calls that do many things at once."""


def sorting(*fields: str) -> tuple[Param, ...]:
    return (
        Param("sort", "choice", "The field to sort by; by id unless given.", choices=fields),
        Param("sortOrder", "choice", "Ascending unless given.", choices=("asc", "desc")),
    )


class Query:
    """The checked values of one query string: `get` for a single one, `all` for a repeated one."""

    def __init__(self, raw: bytes, params: Sequence[Param], *, limit: int = DEFAULT_LIMIT) -> None:
        """`limit` is the size of a page unless the query says otherwise. Names are known in upper
        and lower case; `warnings` name those that are not known, which are passed over.

        Raises Invalid naming every parameter whose value is not right.
        """
        try:
            pairs = parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10_000
            )
        except (UnicodeDecodeError, ValueError):
            raise Invalid("The query string cannot be read; percent-encode it as UTF-8.") from None
        self._limit = limit
        self._values: dict[str, list[Any]] = {param.name: [] for param in params}
        self.warnings: list[str] = []
        faults: dict[str, list[str]] = {}
        if pairs:
            self._read(pairs, params, faults)
        self.page = self._page(faults)
        if faults:
            raise Invalid("Some query parameters are not right.", details=faults)

    def _read(
        self,
        pairs: Sequence[tuple[str, str]],
        params: Sequence[Param],
        faults: dict[str, list[str]],
    ) -> None:
        known = {name.lower(): param for param in params for name in (param.name, *param.alias)}
        given: dict[str, list[str]] = {}
        sent: dict[str, list[str]] = {}
        for name, value in pairs:
            param = known.get(name.lower())
            if param is None:
                given.setdefault(name, []).append(value)
            else:
                sent.setdefault(param.name, []).append(value)
        if given:
            names = [name for param in params for name in (param.name, *param.alias)]
            self.warnings = warn_of_unknown(given, names, "parameter")
        for param in params:
            if param.name in sent:
                try:
                    self._values[param.name] = _checked(param, sent[param.name])
                except ValueError as fault:
                    faults[param.name] = [str(fault)]

    def __repr__(self) -> str:
        """The same for queries that ask for the same."""
        return repr(
            (self.page, sorted((name, values) for name, values in self._values.items() if values))
        )

    def get(self, name: str) -> Any:
        """The value, the last one when it is repeated, None when it is absent or empty."""
        values = self._values[name]
        return values[-1] if values else None

    def all(self, name: str) -> list[Any]:
        return self._values[name]

    def moment(self, name: str) -> int | None:
        """A time in milliseconds, whether it came in seconds or milliseconds (contract 1.5)."""
        value: int | None = self.get(name)
        return value * 1000 if value is not None and value < 10**11 else value

    @property
    def sort(self) -> tuple[str | None, bool]:
        """The field to sort by, and whether downwards."""
        return self.get("sort"), self.get("sortOrder") == "desc"

    def _page(self, faults: dict[str, list[str]]) -> Page:
        limits, offsets, pages = (
            self._values.get(name) or [None] for name in ("limit", "offset", "page")
        )
        limit, offset, page = limits[-1], offsets[-1], pages[-1]
        if limit is not None and limit < 1:
            faults["limit"] = [say("must be at least 1; {limit} is not.", limit=limit)]
            limit = None
        for name, value in (("offset", offset), ("page", page)):
            if value is not None and value < 0:
                faults[name] = [say("must not be negative; {value} is.", value=value)]
        limit = limit or self._limit
        if offset is None:
            offset = (max(page or 1, 1) - 1) * limit
        return Page(limit, min(offset, MAX_NUMBER))


def _checked(param: Param, texts: list[str]) -> list[Any]:
    """The values of one parameter; empty ones count as absent. Raises ValueError saying what
    would be right."""
    if param.kind != "text" and param.multi:
        texts = [part for text in texts for part in text.split(",")]
    if len(texts) > MAX_VALUES:
        raise ValueError(
            say(
                "may have at most {max_values} values; this one has {count}.",
                max_values=MAX_VALUES,
                count=len(texts),
            )
        )
    values = [text.strip() for text in texts]
    found = list(dict.fromkeys(_value(param, value) for value in values if value))
    if param.kind in ("number", "idea", "flag") and not param.multi and not all(values):
        raise ValueError("must be a whole number; it is empty.")
    return found


def _value(param: Param, text: str) -> Any:
    if CONTROL.search(text):
        raise ValueError("holds a control character; remove it.")
    if param.kind == "number" and text.lower() in param.choices:
        return text.lower()
    if param.kind == "number":
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
            raise ValueError(say("must be a whole number; “{text}” is not.", text=shorten(text)))
        if param.minimum is not None and int(text) < param.minimum:
            raise ValueError(
                say(
                    "must be at least {minimum}; {value} is not.", minimum=param.minimum, value=text
                )
            )
        return int(text)
    if param.kind == "idea":
        number = number_at_end(text)
        if number is None:
            raise ValueError(
                say("must be an idea's number or slug; “{text}” is neither.", text=shorten(text))
            )
        return number
    if param.kind == "flag":
        if text not in ("0", "1"):
            raise ValueError(say("must be 0 or 1; “{text}” is not.", text=shorten(text)))
        return int(text)
    if param.kind == "choice":
        wanted = {choice.lower(): choice for choice in param.choices}
        if text.lower() not in wanted:
            raise ValueError(
                say(
                    "must be one of {choices}; “{value}” is not.",
                    choices=", ".join(param.choices),
                    value=shorten(text),
                )
            )
        return wanted[text.lower()]
    return text
