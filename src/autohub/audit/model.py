"""One entry of the audit."""

from typing import Any, Literal

import msgspec

Action = Literal[
    "add application",
    "add assessment version",
    "add category",
    "add collaborator role",
    "add collaborators",
    "add component",
    "add document",
    "add document type",
    "add group",
    "add idea flow",
    "add phase",
    "add price",
    "add robot runs",
    "add role",
    "add second factor",
    "add status",
    "add token",
    "add user",
    "add webhook",
    "ask for password reset",
    "change application",
    "change assessment version",
    "change category",
    "change collaborator role",
    "change comment",
    "change component",
    "change cost setup",
    "change document",
    "change document type",
    "change e-mail",
    "change group",
    "change group members",
    "change idea",
    "change idea flow",
    "change idea flow of idea",
    "change password",
    "change phase",
    "change role",
    "change token",
    "change webhook",
    "comment",
    "complete assessment DA",
    "complete assessment EX",
    "complete assessment HLA",
    "count documents",
    "delete application",
    "delete assessment version",
    "delete category",
    "delete collaborator role",
    "delete component",
    "delete document",
    "delete group",
    "delete idea",
    "delete idea flow",
    "delete price",
    "delete role",
    "delete webhook",
    "edit user",
    "end other sessions",
    "end session",
    "erase user",
    "import idea",
    "invite user",
    "make invitation link",
    "move component",
    "move idea",
    "move in idea",
    "link sign-on",
    "name for collaborator roles",
    "open session",
    "publish to store",
    "read invitation link",
    "reassign from",
    "reassign idea",
    "reassign to",
    "refuse call",
    "refuse sign-in",
    "register",
    "release alias",
    "remove collaborators",
    "remove second factor",
    "renew recovery codes",
    "reset second factors",
    "restore user",
    "review",
    "revoke token",
    "rotate webhook secret",
    "score ideas anew",
    "set assessment live",
    "set benefits",
    "set category flow",
    "set components",
    "set costs",
    "set currency rate",
    "set edit parts",
    "set project plan",
    "set project plan baseline",
    "set sign-on",
    "set tags",
    "submit idea",
    "switch leaderboard",
    "take assessment offline",
    "take comment back",
    "take vote back",
    "trash user",
    "vote",
    "withdraw from store",
]
"""What an entry may say was done."""


class Actor(msgspec.Struct, frozen=True):
    """Who acts. Both None: the operator at the command line, or the hub itself (`door` tells
    which)."""

    user_id: int | None
    token_id: int | None
    door: str  # api | page | mcp | scim | cli | import | job


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
