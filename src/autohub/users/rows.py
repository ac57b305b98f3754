"""Many users from bytes: JSON values and table rows as UserEdit, each with its faults (contract
2.3, bulk)."""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from autohub.kit import tabular
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert, parse
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.tabular import Cell
from autohub.kit.text import clean
from autohub.users.columns import Columns, Faults, Parsed, RoleNames, UserMapping, is_known
from autohub.users.model import STATUS_FIELDS, TEXTS, User, UserEdit, status_word


class _Email(msgspec.Struct):
    user_email: str


_decode = msgspec.json.Decoder(UserEdit).decode
_decode_email = msgspec.json.Decoder(_Email).decode
_NEEDS_CARE = re.compile(rb"\\|\x7f|\xc2|\xe2\x80")
"""Bytes that may be an escape or a control character, which only the careful reading tells."""


def parse_json_row(raw: bytes) -> Parsed:
    """One JSON object. The fast reading is for what is plainly right; everything else is read
    again with care, so that every fault is named."""
    try:
        row = _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parse_carefully(raw)
    values = [getattr(row, name) for name in row.__struct_fields__]
    keys = (
        len(values)
        - values.count(UNSET)
        + (0 if row.user_roles is UNSET else 2 * len(row.user_roles))
    )
    if raw.count(b'":') != keys or _NEEDS_CARE.search(raw):
        return _parse_carefully(raw)  # a key twice, an unknown key, an escape, …
    for value in values[:7]:
        if value and value != clean(value):
            return _parse_carefully(raw)
    return Parsed(row.user_email, row, {})


def _parse_carefully(raw: bytes) -> Parsed:
    value: Any = None
    try:
        value = parse(raw)
        row = convert(value, UserEdit)
    except Invalid as error:
        email = value.get("user_email") if isinstance(value, dict) else None
        return Parsed(
            email=email if isinstance(email, str) else None,
            edit=None,
            faults=error.details or {"row": [error.message]},
            value=value,
        )
    return Parsed(row.user_email, row, {})


def find_email(raw: bytes) -> str | None:
    """The address that a JSON object names, None when it cannot be read."""
    try:
        return clean(_decode_email(raw).user_email)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class Source:
    """The rows of one body or file: `emails` looks them through once, `rows` reads them one by
    one."""

    def __init__(
        self,
        raw: bytes,
        kind: str,
        roles: RoleNames,
        choice: Choice = FOUND,
        mapping: UserMapping | None = None,
    ) -> None:
        """`kind` is one of tabular.FORMATS; `mapping` says what the columns of a table are, else
        their headings do. Raises Invalid for what cannot be read at all."""
        self._raw, self._kind, self._roles = raw, kind, roles
        self._numbers = array("I")
        self._columns: Columns | None = None
        self.note = ""
        if kind not in ("json", "ndjson"):
            self._file = TableFile(raw, is_known, choice)
            self._columns = Columns(self._file.headings, mapping)
            self.note = self._file.note

    def emails(self) -> Iterator[str | None]:
        if self._columns is None:
            return map(find_email, tabular.json_lines(self._raw, self._kind))
        columns = self._columns
        return (columns.email(cells) for _, cells in self._file)

    def rows(self) -> Iterator[tuple[Parsed, Callable[[Faults], Faults]]]:
        """Each row, and how faults found later are named in it: by column in a table, as they
        are in JSON."""
        if self._columns is None:
            for raw in tabular.json_lines(self._raw, self._kind):
                yield parse_json_row(raw), _keep_as_is
            return
        self._numbers = array("I")
        for number, cells in self._file:
            self._numbers.append(number)
            yield self._columns.row(cells, self._roles), self._namer(cells)

    def row_number(self, index: int) -> int:
        """The row that `rows` yielded at `index`, as a person counts those of the file."""
        return self._numbers[index] if self._columns else index + 1

    def _namer(self, cells: Mapping[str, str]) -> Callable[[Faults], Faults]:
        columns = self._columns
        assert columns is not None
        return lambda faults: columns.columns_of(faults, cells)


def _keep_as_is(faults: Faults) -> Faults:
    return faults


def export_row(user: User) -> dict[str, Any]:
    """A user as the exports hold it: every key that an import reads, and the status in words."""
    record = {name: getattr(user, name) for name in (*TEXTS, *STATUS_FIELDS)}
    record["user_status"] = status_word(user.user_is_active, user.user_invite_status)
    record["user_roles"] = [
        {"role_id": g.role_id, "category_id": g.category_id} for g in user.user_roles
    ]
    return record


def export_headings(most_roles: int) -> list[str]:
    numbered = [
        f"{name}{n}" for n in range(1, most_roles + 1) for name in ("role_id", "category_id")
    ]
    return [*TEXTS, *STATUS_FIELDS, "user_status", *numbered]


def export_cells(record: dict[str, Any], most_roles: int) -> list[Cell]:
    """`export_row` as the cells under `export_headings`."""
    cells: list[Cell] = [record[name] for name in (*TEXTS, *STATUS_FIELDS, "user_status")]
    for grant in record["user_roles"]:
        cells += (grant["role_id"], grant["category_id"])
    return cells + [None] * (2 * (most_roles - len(record["user_roles"])))
