"""What a caller may not see of a record that they may see: costs without “View Cost Benefit
Analysis”, people without “View Collaborators” (product 1)."""

from collections.abc import Sequence

import msgspec

from autohub.access.model import Caller, Right, covers
from autohub.db.engine import Reading
from autohub.ideas import record_store

COSTS = (
    "software_vendor_id",
    "software_vendor",
    "software_cost_id",
    "cost_description",
    "running_cost",
    "number_of_robots",
)
_NULL, _NONE = msgspec.Raw(b"null"), msgspec.Raw(b"[]")
_decode = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode


class Veil:
    """The rights of one caller; who holds both everywhere sees records as they are."""

    def __init__(self, db: Reading, caller: Caller) -> None:
        self._db, self._caller = db, caller
        rights = (Right.VIEW_CBA, Right.VIEW_COLLABORATORS)
        self.is_needed = any(caller.reach(right) is not None for right in rights)

    def hide(self, records: bytes, ids: Sequence[int]) -> bytes:
        """Encoded records, separated by commas, of the ideas `ids` in any order, without what the
        caller may not see."""
        if not self.is_needed:
            return records
        mine = record_store.find_seated(self._db, self._caller.user_id, ids)
        found = _decode(b"[%b]" % records)
        for record in found:
            if "hierarchy" in record:
                self._hide(record, is_mine=int(bytes(record["process_id"])) in mine)
        return msgspec.json.encode(found)[1:-1]

    def _hide(self, record: dict[str, msgspec.Raw], *, is_mine: bool) -> None:
        chain = [int(part) for part in bytes(record["hierarchy"]).strip(b'"').split(b",")]
        if not self._may(Right.VIEW_CBA, chain, is_mine=is_mine):
            record |= {name: _NULL for name in COSTS if name in record}
        if not self._may(Right.VIEW_COLLABORATORS, chain, is_mine=is_mine):
            record["collaborators"] = _NONE

    def _may(self, right: Right, chain: list[int], *, is_mine: bool) -> bool:
        return covers(self._caller.reach(right), chain) or (
            is_mine and covers(self._caller.assigned_reach(right), chain)
        )
