"""The columns of a table of people: what their headings mean, and a row as UserEdit with its
faults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.matching import Meaning, match_columns, plain
from autohub.kit.sentences import say
from autohub.kit.tablefile import Choice, Encoding, HeaderRow, SheetName
from autohub.kit.text import CONTROL, clean, fold, repeated, shorten
from autohub.kit.toml import write_value
from autohub.users.model import (
    STATUS_FIELDS,
    TEXTS,
    TableEdit,
    UserEdit,
    leave_places,
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


_OFTEN = {
    "user_email": "mail email emailaddress mailaddress address workemail upn userprincipalname "
    "login username adresse courriel correo",
    "user_first_name": "givenname forename firstname vorname prenom nombre",
    "user_last_name": "surname familyname lastname sn nachname familienname nom apellido apellidos",
    "user_job_title": "title jobtitle position funktion fonction puesto stelle",
    "user_business_unit": "unit businessunit division company geschaftsbereich bereich",
    "user_department": "dept department abteilung service departamento",
    "user_location": "city location town office ort standort ville ciudad",
    "user_is_active": "active isactive enabled accountenabled aktiv",
    "roles": "role roles rolle rollen",
}
"""What columns are often called in files that other systems and people write, folded and without
blanks."""


class UserMapping(msgspec.Struct, kw_only=True):
    """How somebody's table becomes people: heading → field; columns that are not named are left
    out. encoding, sheet, header_row: where the table is in its file (kit.tablefile.Choice)."""

    columns: dict[str, str] = {}
    encoding: Encoding = ""
    sheet: SheetName = ""
    header_row: HeaderRow = 0

    @property
    def choice(self) -> Choice:
        return Choice(self.encoding, self.sheet, self.header_row)


def find_field(heading: str) -> str:
    """The field for which a heading of our own files stands, '' for one that is not known."""
    name = _PEOPLES_NAMES.get(_plain(heading), _plain(heading))
    return name if name in FIELDS or _ROLE.fullmatch(name) else ""


def _plain(heading: str) -> str:
    return re.sub(r"[\s\-]+", "_", clean(heading.replace("*", "")).lower())


FIELDS = (*TEXTS, *STATUS_FIELDS, "roles")
_MEANINGS = {
    field: Meaning(
        names=frozenset(
            (
                plain(field),
                *(plain(name) for name, other in _PEOPLES_NAMES.items() if other == field),
                *_OFTEN.get(field, "").split(),
            )
        )
    )
    for field in FIELDS
}
_NAMES = frozenset().union(*(about.names for about in _MEANINGS.values()))


def is_known(heading: str) -> bool:
    """Whether a heading is what the hub or many people call one of a person's fields."""
    named = plain(heading)
    return bool(find_field(heading)) or named in _NAMES or named.replace(" ", "") in _NAMES


def suggest_fields(headings: Sequence[str], samples: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The field that each column most likely is: by the heading of our own files, by what it is
    often called, by its addresses (`samples` are some rows). No field is named twice."""
    found = {heading: field for heading in headings if (field := find_field(heading))}
    for heading, field in match_columns(headings, _MEANINGS).items():
        if field not in found.values():
            found.setdefault(heading, field)
    for heading in headings:
        cells = [cell for row in samples if (cell := row.get(heading, "").strip())]
        if cells and all("@" in cell for cell in cells) and "user_email" not in found.values():
            found.setdefault(heading, "user_email")
    return found


def draft_mapping(
    headings: Sequence[str], samples: Sequence[Mapping[str, str]], choice: Choice
) -> str:
    """A mapping to begin with, as TOML: suggestions filled in, the other columns as comments
    with some of what stands in them."""
    found = suggest_fields(headings, samples)
    said = {name: value for name, value in choice._asdict().items() if value}
    lines = [f"{name} = {write_value(value)}" for name, value in said.items()]
    lines += ["", "[columns]"] if lines else ["[columns]"]
    for heading in filter(None, headings):
        seen = "; ".join(shorten(row[heading], 30) for row in samples if row.get(heading))
        entry = f"{write_value(heading)} = {write_value(found.get(heading, ''))}"
        lines.append(f"{'' if heading in found else '# '}{entry}  # {' '.join(seen.split())}")
    return "\n".join([*lines, ""])


def _own_fields(headings: Sequence[str]) -> dict[str, str]:
    """The field of each column of our own files. Raises Invalid."""
    found = {heading: field for heading in headings if (field := find_field(heading))}
    unknown = [h for h in headings if h not in found and _plain(h) and _plain(h) not in _TOLD]
    if unknown:
        named = ", ".join(f"“{shorten(heading)}”" for heading in unknown)
        raise Invalid(
            say(
                "The column {named} is not known; known are {values}, role_id1, "
                "category_id1, role_id2, …, and the headings First Name, Last Name, "
                "E-mail, Job title, Business Unit, City, Department, Roles. For a table of "
                "another system a mapping says what its columns are.",
                named=named,
                values=", ".join((*TEXTS, *STATUS_FIELDS)),
            )
        )
    return found


def _named_fields(headings: Sequence[str], mapping: UserMapping) -> dict[str, str]:
    """The field of each column that a mapping names. Raises Invalid."""
    details: dict[str, list[str]] = {}
    for heading, field in mapping.columns.items():
        if heading not in headings:
            details[f"columns.{heading}"] = ["The table has no such column."]
        elif field not in FIELDS and not _ROLE.fullmatch(field):
            choices = ", ".join(FIELDS)
            details[f"columns.{heading}"] = [say("must be one of {choices}.", choices=choices)]
    if details:
        raise Invalid("The mapping does not fit the table.", details=details)
    return mapping.columns


class Columns:
    """How the headings of one table map to fields."""

    def __init__(self, headings: Sequence[str], mapping: UserMapping | None = None) -> None:
        """Raises Invalid naming every heading that nothing is known of, unless a mapping says what
        counts, for two columns that are the same, and when there is none for the e-mail."""
        self.field_of = (
            _own_fields(headings) if mapping is None else _named_fields(headings, mapping)
        )
        for field in repeated(self.field_of.values()):
            named = [heading for heading, other in self.field_of.items() if other == field]
            raise Invalid(
                say(
                    "Two columns hold the same: “{heading}” stands for {name}, and so does "
                    "another one.",
                    heading=shorten(named[-1]),
                    name=field,
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
