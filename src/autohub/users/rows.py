"""Many users from bytes: JSON values and table rows as UserEdit, each with its faults (contract
2.3, bulk)."""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from autohub.kit import tabular
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert, parse
from autohub.kit.sentences import say
from autohub.kit.tablefile import FOUND, Choice, TableFile
from autohub.kit.text import CONTROL, clean, fold, shorten
from autohub.users.model import (
    STATUS_FIELDS,
    TEXTS,
    TableEdit,
    User,
    UserEdit,
    leave_places,
    status_word,
)

Faults = dict[str, list[str]]
RoleNames = Mapping[str, int]
"""Role ids by folded name and by key."""


class Parsed(NamedTuple):
    """One row: what it asks for, or why it cannot be read. `email` is what it seems to say, for
    the report, and `value` what could not be read, for the rules that come later."""

    email: str | None
    edit: UserEdit | None
    faults: Faults
    value: Any = None


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


# --- tables ---

_PEOPLES_NAMES = {
    "first_name": "user_first_name",
    "last_name": "user_last_name",
    "e_mail": "user_email",
    "email": "user_email",
    "job_title": "user_job_title",
    "business_unit": "user_business_unit",
    "city": "user_location",
    "user_city": "user_location",
    "department": "user_department",
}
"""The headings of the file that people download and fill in (contract 2.3); the other ones are
the field names."""

ACTIVE_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "active", "enabled"), 1),
    **dict.fromkeys(("false", "no", "n", "inactive", "disabled"), 0),
}
"""What tables write for `user_is_active`, folded, beside 1 and 0."""

_TOLD = ("user_id", "user_status", "status")
"""Columns of our own exports that say what other columns say, or what nobody may choose."""

_ROLE = re.compile(r"(role_id|category_id)(\d{1,3})")


def find_field(heading: str) -> str:
    """The field for which a heading stands, '' for one that is not known."""
    name = _PEOPLES_NAMES.get(_plain(heading), _plain(heading))
    return name if name in (*TEXTS, *STATUS_FIELDS, "roles") or _ROLE.fullmatch(name) else ""


def _plain(heading: str) -> str:
    return re.sub(r"[\s\-]+", "_", clean(heading).lower())


def is_known(heading: str) -> bool:
    return bool(find_field(heading))


class Columns:
    """How the headings of one table map to fields."""

    def __init__(self, headings: list[str]) -> None:
        """Raises Invalid naming every heading that nothing is known of, and when there is none
        for the e-mail."""
        self.field_of: dict[str, str] = {}
        unknown = []
        for heading in headings:
            if name := find_field(heading):
                if name in self.field_of.values():
                    raise Invalid(
                        say(
                            "Two columns hold the same: “{heading}” stands for {name}, and "
                            "so does another one.",
                            heading=shorten(heading),
                            name=name,
                        )
                    )
                self.field_of[heading] = name
            elif _plain(heading) and _plain(heading) not in _TOLD:
                unknown.append(heading)
        if unknown:
            named = ", ".join(f"“{shorten(heading)}”" for heading in unknown)
            raise Invalid(
                say(
                    "The column {named} is not known; known are {values}, role_id1, "
                    "category_id1, role_id2, …, and the headings First Name, Last Name, "
                    "E-mail, Job title, Business Unit, City, Department, Roles.",
                    named=named,
                    values=", ".join((*TEXTS, *STATUS_FIELDS)),
                )
            )
        if "user_email" not in self.field_of.values():
            raise Invalid("There is no column for the e-mail; name one user_email or E-mail.")
        self.heading_of = {field: heading for heading, field in self.field_of.items()}

    def email(self, cells: Mapping[str, str]) -> str:
        return clean(cells.get(self.heading_of["user_email"], ""))

    def row(self, cells: Mapping[str, str], roles: RoleNames) -> Parsed:
        """One row of the table; an empty cell is an absent key. Faults stand under their column,
        with the value."""
        values: dict[str, Any] = {}
        faults: Faults = {}
        numbered: dict[int, dict[str, str]] = {}
        said: list[bool] = []
        for heading, field in self.field_of.items():
            text = clean(cells.get(heading, ""))
            if not text:
                if field == "user_last_name":
                    values["has_single_name"] = True
                continue
            if match := _ROLE.fullmatch(field):
                numbered.setdefault(int(match[2]), {})[match[1]] = text
            elif field == "roles":
                named = _named_roles(text, roles, heading, faults)
                values["user_roles"] = [
                    {"role_id": role.role_id, "category_id": role.category_id or 0}
                    for role in named
                ]
                said = [role.category_id is not None for role in named]
            elif field == "user_is_active":
                values[field] = ACTIVE_WORDS.get(fold(text), text)
            else:
                values[field] = text
        if "" in cells:
            faults["row"] = [
                say("has more cells than there are columns: “{cells}”.", cells=shorten(cells[""]))
            ]
        if numbered:
            values["user_roles"] = [
                self._grant(number, pair, faults) for number, pair in sorted(numbered.items())
            ]
            said = [bool(pair.get("category_id")) for _, pair in sorted(numbered.items())]
        email = values.get("user_email")
        if faults:
            return Parsed(email=email, edit=None, faults=faults, value=values)
        try:
            edit = convert(_single_line(values), TableEdit)
            leave_places(edit, said)
            return Parsed(email, edit, {})
        except Invalid as error:
            return Parsed(
                email=email,
                edit=None,
                faults=self._under_columns(error.details, cells, sorted(numbered)),
                value=values,
            )

    def _grant(self, number: int, pair: dict[str, str], faults: Faults) -> dict[str, Any]:
        if "role_id" not in pair:
            heading = self.heading_of.get(f"role_id{number}", f"role_id{number}")
            faults[heading] = [
                say(
                    "is empty, but category_id{number} is “{category_id}”; fill both or neither.",
                    number=number,
                    category_id=shorten(pair["category_id"]),
                )
            ]
        return {"role_id": pair.get("role_id"), "category_id": pair.get("category_id", "0")}

    def _under_columns(
        self, details: Faults, cells: Mapping[str, str], numbers: list[int]
    ) -> Faults:
        found: Faults = {}
        for path, texts in details.items():
            parts = path.split(".")
            field = (
                f"{parts[2]}{numbers[int(parts[1])]}" if len(parts) == 3 and numbers else parts[0]
            )
            heading = self.heading_of.get(field, field)
            value = cells.get(heading, "").strip()
            found[heading] = [f"“{shorten(value)}” {text}" if value else text for text in texts]
        return found

    def columns_of(self, faults: Faults, cells: Mapping[str, str]) -> Faults:
        """Faults that the rules found later, under their columns."""
        filled = (
            _ROLE.fullmatch(field)
            for field, heading in self.heading_of.items()
            if cells.get(heading, "").strip()
        )
        return self._under_columns(
            faults, cells, sorted({int(match[2]) for match in filled if match})
        )


def _single_line(values: dict[str, Any]) -> dict[str, Any]:
    """Refuses what no field may hold; a table's cell may carry line breaks."""
    faults = {
        field: [
            say(
                "holds the control character U+{found:04X} (a line break, say); remove it.",
                found=ord(found[0]),
            )
        ]
        for field, text in values.items()
        if isinstance(text, str) and (found := CONTROL.search(text))
    }
    if faults:
        raise Invalid("Some cells hold characters that cannot be kept.", details=faults)
    return values


class NamedRole(NamedTuple):
    """A role that a cell names; None is a category about which it says nothing."""

    role_id: int
    category_id: int | None


_role_pairs = msgspec.json.Decoder(list[tuple[str, int]])


def _named_roles(text: str, roles: RoleNames, heading: str, faults: Faults) -> list[NamedRole]:
    """'Standard User; Program Manager' as roles: names, keys or ids. The list of keys and category
    ids that the original's own export writes, [["ah-standard-user",0]], is read as well."""
    named: list[tuple[str, int | None]]
    try:
        named = list(_role_pairs.decode(text))
    except msgspec.MsgspecError:
        named = [(name, None) for name in _split_roles(text, roles)]
    found = []
    for name, category_id in named:
        role_id = _find_role(name, roles)
        if role_id is None:
            faults.setdefault(heading, []).append(
                say(
                    "“{name}” is no role; GET /roles or `autohub roles list` shows their names.",
                    name=shorten(name),
                )
            )
        else:
            found.append(NamedRole(role_id, category_id))
    return found


def _find_role(name: str, roles: RoleNames) -> int | None:
    if name.isascii() and name.isdigit() and len(name) < 16:
        return int(name)
    return roles.get(fold(name))


def _split_roles(text: str, roles: RoleNames) -> Iterator[str]:
    """The parts between `;`, `,` and `|`; several of them together where that is a role's name,
    the longest that there is."""
    pieces = re.split(r"([;,|])", text)
    start = 0
    while start < len(pieces):
        ends = range(len(pieces), start + 1, -2)
        joined = ("".join(pieces[start:end]).strip() for end in ends)
        name = next((name for name in joined if fold(name) in roles), pieces[start].strip())
        start += 2 * len(re.findall("[;,|]", name)) + 2
        if name:
            yield name


class Source:
    """The rows of one body or file: `emails` looks them through once, `rows` reads them one by
    one."""

    def __init__(self, raw: bytes, kind: str, roles: RoleNames, choice: Choice = FOUND) -> None:
        """`kind` is one of tabular.FORMATS. Raises Invalid for what cannot be read at all."""
        self._raw, self._kind, self._roles = raw, kind, roles
        self._numbers = array("I")
        self._columns: Columns | None = None
        self.note = ""
        if kind not in ("json", "ndjson"):
            self._file = TableFile(raw, is_known, choice)
            self._columns = Columns(self._file.headings)
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


def export_cells(record: dict[str, Any], most_roles: int) -> list[str | None]:
    """`exported` as the cells under `export_headings`."""
    cells = [
        None if record[name] is None else str(record[name])
        for name in (*TEXTS, *STATUS_FIELDS, "user_status")
    ]
    for grant in record["user_roles"]:
        cells += (str(grant["role_id"]), str(grant["category_id"]))
    return cells + [None] * (2 * (most_roles - len(record["user_roles"])))
