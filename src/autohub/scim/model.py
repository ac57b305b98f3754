"""What of a person and a group a directory sees, and what a directory may say of them."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from autohub.kit.clock import SECOND
from autohub.kit.errors import HubError
from autohub.kit.etags import make_etag
from autohub.kit.text import clean
from autohub.users.model import EMAIL

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA = "application/scim+json"
PER_PAGE = 200
LONGEST = 50
"""How much of a name, a title or a place an account keeps; directories have longer ones."""
_EMAIL = re.compile(EMAIL)


class ScimError(HubError):
    """A refusal with the standard's word for it, such as `uniqueness`."""

    def __init__(self, message: str, *, status: int, scim_type: str | None = None) -> None:
        super().__init__(message)
        self.status, self.scim_type = status, scim_type


def is_address(text: str | None) -> bool:
    return bool(text) and len(text or "") <= 64 and _EMAIL.match(text or "") is not None


def cut(text: str | None) -> str | None:
    """A text as an account keeps it; None for an empty one."""
    return clean(clean(text or "")[:LONGEST]) or None


def names_of(given: str | None, family: str | None, display: str | None, email: str) -> list[str]:
    """First and last name; a person of whom the directory says neither is called by the name that
    it shows, or by the address."""
    first, last = cut(given), cut(family)
    if first is None and last is None:
        shown = clean(display or "") or email.partition("@")[0]
        start, _, rest = shown.partition(" ")
        first, last = cut(start), cut(rest)
    return [first or last or "", (last if first else None) or ""]


def describe_user(row: Any, base: str) -> dict[str, Any]:
    """A person as the directory reads it, out of a row of `store.find_users`."""
    name = {
        "givenName": row.user_first_name,
        "familyName": row.user_last_name or None,
    }
    place = [{"locality": row.user_location, "type": "work"}] if row.user_location else None
    more = _present({"department": row.user_department, "division": row.user_business_unit})
    return _described(
        row,
        f"{base}/Users/{row.user_id}",
        {
            "schemas": [USER, ENTERPRISE] if more else [USER],
            "id": str(row.user_id),
            "externalId": row.external_id,
            "userName": row.user_name or row.user_email,
            "name": _present(name),
            "displayName": row.display_name,
            "title": row.user_job_title,
            "active": bool(row.user_is_active),
            "emails": [{"value": row.user_email, "type": "work", "primary": True}],
            "addresses": place,
            ENTERPRISE: more or None,
        },
        "User",
    )


def describe_group(row: Any, members: Iterable[int] | None, base: str) -> dict[str, Any]:
    """A group as the directory reads it; `members` None leaves them out."""
    shown = None
    if members is not None:
        shown = [{"value": str(n), "$ref": f"{base}/Users/{n}"} for n in members]
    return _described(
        row,
        f"{base}/Groups/{row.group_id}",
        {
            "schemas": [GROUP],
            "id": str(row.group_id),
            "externalId": row.external_id,
            "displayName": row.group_name,
            "members": shown,
        },
        "Group",
    )


def _described(row: Any, location: str, facts: dict[str, Any], kind: str) -> dict[str, Any]:
    found = _present(facts)
    same = [name for name in found.items() if name[0] != "members"]
    found["meta"] = {
        "resourceType": kind,
        "created": _moment(row.created_epoch),
        "lastModified": _moment(row.updated_epoch),
        "location": location,
        "version": f"W/{make_etag(msgspec.json.encode([same, row.updated_epoch]))}",
    }
    return found


def _present(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _moment(epoch: int) -> str:
    """A time as the library writes it, which leaves out a fraction of nothing."""
    at = datetime.fromtimestamp(epoch // SECOND, UTC).replace(microsecond=epoch % SECOND * 1000)
    return at.isoformat().replace("+00:00", "Z")


def project(
    found: dict[str, Any], wanted: Iterable[Any] | None, without: Iterable[Any] | None
) -> dict[str, Any]:
    """A resource with the attributes that were asked for; `wanted` and `without` are paths of
    scim2_models."""
    if wanted:
        picked = {name: found[name] for name in ("schemas", "id")}
        for path in wanted:
            _pick(found, picked, _steps(path))
        return picked
    shown = dict(found)
    for path in without or ():
        _drop(shown, _steps(path))
    return shown


def _steps(path: Any) -> list[str]:
    steps = [str(part).lower() for part in path.parts]
    return (
        [ENTERPRISE.lower(), *steps]
        if str(path.schema or "").lower().endswith("enterprise:2.0:user")
        else steps
    )


def _named(found: Mapping[str, Any], step: str) -> str | None:
    return next((name for name in found if name.lower() == step), None)


def _pick(found: Mapping[str, Any], picked: dict[str, Any], steps: list[str]) -> None:
    name = _named(found, steps[0])
    if name is None:
        return
    value = found[name]
    if len(steps) == 1:
        picked[name] = value
    elif isinstance(value, dict):
        _pick(value, picked.setdefault(name, {}), steps[1:])
    else:
        parts = picked.setdefault(name, [{} for _ in value])
        for part, entry in zip(parts, value, strict=True):
            _pick(entry, part, steps[1:])


def _drop(shown: dict[str, Any], steps: list[str]) -> None:
    name = _named(shown, steps[0])
    if name is None or name in ("schemas", "id"):
        return
    value = shown[name]
    if len(steps) == 1:
        del shown[name]
    elif isinstance(value, dict):
        shown[name] = dict(value)
        _drop(shown[name], steps[1:])
    else:
        shown[name] = [dict(entry) for entry in value]
        for entry in shown[name]:
            _drop(entry, steps[1:])
