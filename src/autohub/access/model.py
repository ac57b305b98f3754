"""Rights, roles and callers (contract 1.2, 1.3; product 1)."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.audit.model import Actor
from autohub.kit.errors import Forbidden, Unauthenticated
from autohub.kit.jsonbody import VERBATIM


class Right(StrEnum):
    """What a role may allow; the values are the permissions' names as people know them (product
    1)."""

    MANAGE_USERS = "Manage Users"
    MANAGE_USERS_ROLES = "Manage Users Roles"
    MANAGE_PLATFORM_SETUP = "Manage Platform Setup"
    CUSTOMIZE_ASSESSMENTS = "Customize Assessments"
    MANAGE_APP_INVENTORY = "MANAGE_APP_INVENTORY"
    MANAGE_COMPONENTS = "Manage Components"
    SUBMIT_IDEA = "Submit an employee-driven idea"
    SUBMIT_COE_IDEA = "Submit a CoE-driven idea"
    SUBMIT_CHANGE_REQUEST = "Submit a change request"
    SHARE_AUTOMATION = "Share an automation"
    VIEW_IDEA = "View an Idea"
    VIEW_AUTOMATION = "View an Automation"
    REVIEW_IDEAS = "Review ideas"
    EDIT_ANY_IDEA = "Edit all details of any Idea"
    UPDATE_STATUS = "Update the Phase and Status of any idea"
    CHANGE_IDEA_FLOW = "Change idea flow"
    VIEW_CBA = "View Cost Benefit Analysis"
    VIEW_COLLABORATORS = "View Collaborators"
    VIEW_DASHBOARDS = "View dashboards"
    IMPORT_PIPELINE = "Import pipeline"
    DELETE_DATA = "Delete data"
    AUDIT_LOGS = "Audit logs"
    PUBLISH_TO_STORE = "Publish to the Automation Store"
    TENANT_SETTINGS = "Tenant settings"


def permission_name(permission: str) -> str:
    """What people call a permission: one of them has a key for its name (contract 1.3)."""
    return "Manage App Inventory" if permission == Right.MANAGE_APP_INVENTORY else permission


class DefaultRole(msgspec.Struct, frozen=True):
    """A role that every installation has; it cannot be edited, disabled or deleted. `assigned`
    rights hold only on ideas that the person is assigned to."""

    role_id: int
    role_name: str
    role_description: str
    rights: frozenset[Right]
    assigned: frozenset[Right] = frozenset()

    @property
    def role_key(self) -> str:
        return role_key(self.role_name)


ACCOUNT_OWNER, SYSTEM_ADMIN, STANDARD_USER = 1, 2, 8
SCIM: Literal["scim"] = "scim"
"""The kind of token with which a directory provisions people."""
FIRST_CUSTOM_ROLE = 101

_VIEW = frozenset({Right.VIEW_IDEA, Right.VIEW_AUTOMATION, Right.VIEW_COLLABORATORS})
_SUBMIT = _VIEW | {Right.SUBMIT_IDEA}
_STEER = frozenset({Right.UPDATE_STATUS, Right.EDIT_ANY_IDEA, Right.CHANGE_IDEA_FLOW})
_CBA = frozenset({Right.VIEW_CBA})
_ALL = frozenset(Right)
_CHANGE = frozenset({Right.SUBMIT_CHANGE_REQUEST})

DEFAULT_ROLES = (
    # The published ids are contract 2.1, the grid is product 1.
    DefaultRole(
        ACCOUNT_OWNER,
        "Account Owner",
        "The first person; tenant settings, and everything else.",
        rights=_ALL,
    ),
    DefaultRole(
        SYSTEM_ADMIN,
        "System Admin",
        "Everything but the tenant's settings.",
        rights=_ALL - {Right.TENANT_SETTINGS},
    ),
    DefaultRole(
        3,
        "RPA Sponsor",
        "Reads ideas, benefits and dashboards.",
        rights=_VIEW | _CBA | {Right.VIEW_DASHBOARDS},
    ),
    DefaultRole(
        4,
        "Component Curator",
        "Looks after reusable components.",
        rights=_SUBMIT | {Right.MANAGE_COMPONENTS},
    ),
    DefaultRole(
        5,
        "Program Manager",
        "Views and edits ideas, decides, and names the team.",
        rights=_SUBMIT
        | _STEER
        | _CBA
        | _CHANGE
        | {Right.VIEW_DASHBOARDS, Right.SUBMIT_COE_IDEA, Right.REVIEW_IDEAS},
    ),
    DefaultRole(
        6,
        "Idea Approver",
        "Finds duplicates and approves ideas.",
        rights=_SUBMIT | {Right.REVIEW_IDEAS},
        assigned=_CBA,
    ),
    DefaultRole(
        7,
        "Authorized User",
        "Submits CoE-driven ideas.",
        rights=_SUBMIT | _CHANGE | {Right.SUBMIT_COE_IDEA},
        assigned=_CBA,
    ),
    DefaultRole(
        STANDARD_USER,
        "Standard User",
        "Submits ideas and explores; every new account.",
        rights=_SUBMIT | _CHANGE,
        assigned=_CBA,
    ),
    DefaultRole(
        9,
        "Business Reviewer",
        "Reviews citizen developers' automations for the business.",
        rights=_SUBMIT | {Right.REVIEW_IDEAS},
    ),
    DefaultRole(
        10,
        "Technical Reviewer",
        "Reviews citizen developers' automations technically and publishes them.",
        rights=_SUBMIT | {Right.REVIEW_IDEAS, Right.PUBLISH_TO_STORE},
    ),
    DefaultRole(
        11,
        "Project Manager",
        "Leads the implementation of assigned ideas.",
        rights=_SUBMIT | _CHANGE,
        assigned=_CBA | _STEER,
    ),
    DefaultRole(
        12,
        "Citizen Developer Self User",
        "Builds automations for own use.",
        rights=_SUBMIT | _CHANGE | {Right.SHARE_AUTOMATION},
        assigned=_CBA,
    ),
    DefaultRole(
        13,
        "Citizen Developer Power User",
        "Builds and shares automations.",
        rights=_SUBMIT | _CHANGE | {Right.SHARE_AUTOMATION},
        assigned=_CBA,
    ),
)

TENANT_LEVEL_RIGHTS = frozenset(
    {
        Right.MANAGE_USERS,
        Right.MANAGE_USERS_ROLES,
        Right.MANAGE_PLATFORM_SETUP,
        Right.MANAGE_APP_INVENTORY,
        Right.VIEW_CBA,
    }
).union(
    *(
        role.rights | role.assigned
        for role in DEFAULT_ROLES
        if role.role_id not in (ACCOUNT_OWNER, SYSTEM_ADMIN)
    )
)
"""What a tenant-level token counts as holding when it grants roles: what it may call itself
(contract 1.3) and what the default roles below System Admin hold; so it can hand out all of
those, and no role that comes near an administrator's."""


def role_key(name: str) -> str:
    """'System Admin' -> 'ah-system-admin' (contract 2.3)."""
    return "ah-" + "-".join(re.findall(r"\w+", name.lower()))


Id = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class RoleGrant(msgspec.Struct, frozen=True, order=True):
    """A role on a category and all below it; category 0 is all of them."""

    role_id: Id
    category_id: Id


WHERE_HELD = -1
"""The category of a role that a table names without one, until the change is planned: where the
person holds it, else all."""


class Grant(msgspec.Struct, frozen=True):
    """One way in which a person holds a right: through which role, where, and by which group
    (None: their own)."""

    right: Right
    role_id: int
    category_id: int
    group_id: int | None
    only_where_assigned: bool


POWERS = frozenset(
    {Right.MANAGE_USERS, Right.MANAGE_USERS_ROLES, Right.TENANT_SETTINGS, Right.AUDIT_LOGS}
)
"""What makes a role an administrator's."""


class ProofNeeded(Unauthenticated):
    """Whoever sits there must first prove again who they are; `details` says what was wrong with
    the proof that was sent."""

    def __init__(self, details: dict[str, list[str]] | None = None) -> None:
        super().__init__("Prove once more who you are.", details=details)


class SecondFactorNeeded(Forbidden):
    def __init__(self) -> None:
        super().__init__(
            "Your role needs a second factor: set one up on the hub's pages, under Your account."
        )


class Caller(msgspec.Struct, frozen=True):
    """Who calls, and with what. `user_id` None is a tenant-level token, or the operator at the
    command line."""

    kind: str  # openapi-token | automation-cloud | scim-token | operator
    user_id: int | None = None
    token_id: int | None = None
    session_id: int | None = None
    door: str = "api"
    grants: tuple[Grant, ...] = ()
    role_keys: tuple[str, ...] = ()
    has_proof: bool = True
    """False in a browser whose person did not prove lately who they are."""
    has_second_factor: bool = False
    lacks_second_factor: bool = False
    """Whether one of their roles asks for a second factor (AUTOHUB_SECOND_FACTOR_ROLES), and the
    session began without."""

    @property
    def is_operator(self) -> bool:
        """Someone with the machine's own command line, who could write the database anyway."""
        return self.kind == "operator"

    @property
    def is_directory(self) -> bool:
        """A system that provisions people, or vouches for them: it decides who works here."""
        return self.kind in ("scim-token", "sign-on")

    @property
    def is_tenant_level(self) -> bool:
        return self.user_id is None and not self.is_operator

    def reach(self, right: Right) -> frozenset[int] | None:
        """The categories (each with all below) on which the caller holds `right`; None is
        everywhere."""
        if self.is_operator or (self.is_tenant_level and right in TENANT_LEVEL_RIGHTS):
            return None
        found = frozenset(
            g.category_id for g in self.grants if g.right == right and not g.only_where_assigned
        )
        return None if 0 in found else found

    def assigned_reach(self, right: Right) -> frozenset[int] | None:
        """The same for rights that hold only on ideas to which the caller is assigned."""
        found = frozenset(
            g.category_id for g in self.grants if g.right == right and g.only_where_assigned
        )
        return None if 0 in found else found

    def need_somewhere(self, *rights: Right) -> None:
        """Raises Forbidden unless the caller holds one of `rights` on some category, or where
        assigned."""
        if all(
            reach is not None and not reach
            for right in rights
            for reach in (self.reach(right), self.assigned_reach(right))
        ):
            raise Forbidden

    def may(self, right: Right) -> bool:
        """Whether the caller holds `right` over the whole installation."""
        return self.reach(right) is None

    def need(self, *rights: Right) -> None:
        """Raises Forbidden unless the caller holds one of `rights` over the whole installation."""
        if not any(self.may(right) for right in rights):
            raise Forbidden

    @property
    def is_owner(self) -> bool:
        return self.is_operator or any(
            g.role_id == ACCOUNT_OWNER and g.category_id == 0 for g in self.grants
        )

    @property
    def is_admin(self) -> bool:
        return self.is_owner or any(
            g.role_id == SYSTEM_ADMIN and g.category_id == 0 for g in self.grants
        )

    @property
    def is_powerful(self) -> bool:
        """Whether the caller may do what only administrators may, wherever that is."""
        return self.is_admin or any(g.right in POWERS for g in self.grants)

    def need_proof(self) -> None:
        """Asked before anything that gives somebody a way in, or an administrator's rights. Raises
        ProofNeeded in a browser that was left open, or was taken over."""
        if not self.has_proof:
            raise ProofNeeded

    @property
    def name(self) -> str:
        """The caller as idempotency keys and rate limits tell it apart."""
        return f"user {self.user_id}" if self.user_id is not None else f"token {self.token_id}"


ANY_RIGHT = tuple(Right)
"""Declared by the calls that anyone with a working token may make."""

OPERATOR = Caller(kind="operator", door="cli")


def covers(reach: frozenset[int] | None, chain: Iterable[int]) -> bool:
    """Whether a reach takes in the category whose chain from the top is `chain` (empty: all
    categories)."""
    return reach is None or any(category in reach for category in chain)


# --- what the calls take ---

Flag = Annotated[int, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=50)]
LongText = Annotated[str, Meta(max_length=500)]
Email = Annotated[str, Meta(min_length=1, max_length=64)]
Epoch = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class NewRole(msgspec.Struct):
    role_name: Name
    permissions: list[str]
    role_description: LongText = ""


class RoleChange(msgspec.Struct):
    role_name: Name | UnsetType = UNSET
    permissions: list[str] | UnsetType = UNSET
    role_description: LongText | UnsetType = UNSET
    role_is_active: Flag | UnsetType = UNSET


GroupName = Annotated[str, Meta(min_length=1, max_length=256)]


class NewGroup(msgspec.Struct):
    group_name: GroupName
    group_description: LongText = ""
    group_roles: list[RoleGrant] = []
    members: list[Id] = []


class GroupChange(msgspec.Struct):
    """`group_admits_directory` 1 lets provisioning and sign-on put people into a group whose roles
    come near an administrator's; only an Account Owner says so."""

    group_name: GroupName | UnsetType = UNSET
    group_description: LongText | UnsetType = UNSET
    group_admits_directory: Flag | UnsetType = UNSET
    group_roles: list[RoleGrant] | UnsetType = UNSET
    members: list[Id] | UnsetType = UNSET


class NewToken(msgspec.Struct):
    """`user_email` absent: the caller's own; null: a tenant-level token. `app_key` "" asks for a
    generated one. `token_kind` "scim": one with which a directory provisions people, and which can
    do nothing else."""

    token_name: Name
    token_kind: Literal["scim"] | UnsetType = UNSET
    user_email: Email | None | UnsetType = UNSET
    token_expires_epoch: Epoch | None = None
    app_key: Annotated[str, Meta(max_length=100)] | None = None


class TokenChange(msgspec.Struct):
    token_name: Name | UnsetType = UNSET
    token_expires_epoch: Epoch | None | UnsetType = UNSET
    token_is_active: Flag | UnsetType = UNSET


class SignIn(msgspec.Struct):
    user_email: Email
    password: Annotated[str, Meta(min_length=1, max_length=200, extra=VERBATIM)]
    code: Annotated[str, Meta(max_length=50)] | None = None
    """Of an authenticator app, or a recovery code, for who has a second factor."""


def actor(caller: Caller) -> Actor:
    """The caller as the audit names it."""
    return Actor(caller.user_id, caller.token_id, caller.door)
