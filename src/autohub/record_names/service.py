"""Today's names for marks, read in the same snapshot as the documents that they stand in."""

from collections.abc import Iterable
from typing import Any

import msgspec

from autohub.db.engine import Reading
from autohub.db.stamps import keep
from autohub.kit.text import full_name
from autohub.record_names import store

_encode = msgspec.json.Encoder().encode


class NameCache:
    """The fragments for one snapshot, each looked up once."""

    def __init__(self, db: Reading) -> None:
        self._db = db
        self.known: dict[bytes, bytes] = {}

    def learn(self, keys: Iterable[bytes]) -> None:
        """Looks up what is not known yet, one statement for each kind."""
        by_kind: dict[str, set[int]] = {}
        for key in set(keys) - self.known.keys():
            by_kind.setdefault(chr(key[0]), set()).add(int(key[1:]))
        if people := set().union(*(by_kind.get(kind, set()) for kind in "pnbde")):
            self._learn_people(people)
        for category_id in by_kind.get("c", set()) | by_kind.get("t", set()):
            self.known |= _name_category(self._db, category_id)
        if "s" in by_kind:
            self.known |= _name_statuses(self._db)
        if applications := by_kind.get("a", set()) | by_kind.get("A", set()):
            self._learn_applications(applications)
        if "r" in by_kind:
            self.known |= _name_collaborator_roles(self._db)

    def _learn_people(self, ids: set[int]) -> None:
        nobody = {
            "user_email": None,
            "user_first_name": None,
            "user_last_name": None,
            "user_department": None,
            "user_business_unit": None,
        }
        found = store.load_people(self._db, ids)
        for user_id in ids:
            person: dict[str, Any] = found.get(user_id, nobody)
            named = {
                key: person[key] for key in ("user_email", "user_first_name", "user_last_name")
            }
            full = full_name(person["user_first_name"], person["user_last_name"])
            self.known |= {
                b"p%d" % user_id: _encode({"user_id": user_id} | named),
                b"n%d" % user_id: _encode(named)[1:-1],
                b"b%d" % user_id: _encode(
                    {key: person[key] for key in ("user_department", "user_business_unit")}
                )[1:-1],
                b"d%d" % user_id: _encode(full or None),
                b"e%d" % user_id: _encode(person["user_email"]),
            }

    def _learn_applications(self, ids: set[int]) -> None:
        for application_id, fields in store.load_applications(self._db, ids).items():
            self.known[b"a%d" % application_id] = _encode(fields)
            self.known[b"A%d" % application_id] = _encode(fields["application_name"])[1:-1]


@keep("categories")
def _name_category(db: Reading, category_id: int) -> dict[bytes, bytes]:
    found = {}
    for fields in store.load_categories(db, [category_id]).values():
        found[b"c%d" % category_id] = _encode(fields)[1:-1]
        found[b"t%d" % category_id] = _encode(
            " > ".join(node["category_name"] for node in fields["categories"])
        )
    return found


@keep("flows")
def _name_statuses(db: Reading) -> dict[bytes, bytes]:
    statuses = store.load_statuses(db)
    return {b"s%d" % status_id: _encode(fields)[1:-1] for status_id, fields in statuses.items()}


@keep("collaborator roles")
def _name_collaborator_roles(db: Reading) -> dict[bytes, bytes]:
    return {
        b"r%d" % role_id: _encode({"role_id": role_id, "role_name": name})
        for role_id, name in store.load_collaborator_roles(db).items()
    }
