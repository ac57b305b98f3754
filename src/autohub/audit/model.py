"""One entry of the audit."""

from typing import Any

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts. Both None: the operator at the command line, or the hub itself (`door` tells
    which)."""

    user_id: int | None
    token_id: int | None
    door: str  # api | page | cli | import | job


class Entry(msgspec.Struct):
    """`before` and `after` hold what changed; null when the person's data was erased, or there
    was nothing before or is nothing after."""

    audit_id: int
    at_epoch: int
    door: str
    actor_user_id: int | None
    actor_token_id: int | None
    action: str
    object_type: str
    object_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
