"""An account and its status table (contract 2.1, 2.2)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.granting import DEFAULT_GRANT
from autohub.access.model import WHERE_HELD, Flag, RoleGrant
from autohub.kit.changes import FieldChange, list_changes
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import SKIP_BLANK
from autohub.kit.text import INVISIBLE

_LOCAL = rf"[^\s@<>()\[\],;:\\\".{INVISIBLE}]+"
_LABEL = r"[^\W_](?:[\w\-]*[^\W_])?"  # letters, digits and inner hyphens
EMAIL = rf"^{_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+{_LABEL}$"
Email = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=EMAIL,
        extra={"says": "must be an e-mail address such as jane.doe@example.com."},
        extra_json_schema={"format": "email"},
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=50)]
LastName = Annotated[str, Meta(max_length=50)]
"""Empty for a person with a single name, which is the first one then."""
Short = Annotated[str, Meta(max_length=50)]
InviteStatus = Annotated[int, Meta(ge=0, le=3)]

TEXTS = (
    "user_email",
    "user_first_name",
    "user_last_name",
    "user_job_title",
    "user_business_unit",
    "user_department",
    "user_location",
)
STATUS_FIELDS = ("user_is_active", "user_invite_status")
FACTS = (*TEXTS, *STATUS_FIELDS)
"""The fields of an account that people see, in the order of its row; grants apart."""

NOT_INVITED, PENDING, PENDING_INVITED, ACTIVE = 0, 1, 2, 3
"""`user_invite_status` of an account whose `user_is_active` is 1; Inactive is 0 with
`user_is_active` 0."""


class UserPatch(msgspec.Struct, kw_only=True):
    """What PATCH /users/{id} takes: an absent key stays as it is, null clears an optional text, and
    so does an empty one.

    Texts have no blanks around them; `kit.jsonbody.convert` sees to that.
    """

    user_first_name: Name | UnsetType = UNSET
    user_last_name: LastName | UnsetType = UNSET
    user_job_title: Short | None | UnsetType = UNSET
    user_business_unit: Short | None | UnsetType = UNSET
    user_department: Short | None | UnsetType = UNSET
    user_location: Short | None | UnsetType = UNSET
    user_is_active: Flag | UnsetType = UNSET
    user_invite_status: InviteStatus | UnsetType = UNSET
    user_roles: Annotated[list[RoleGrant], Meta(min_length=1, extra=SKIP_BLANK)] | UnsetType = UNSET


class UserEdit(UserPatch):
    """What /edituser and a row of /users/bulk may send: the same, with the address that says
    whose account it is."""

    user_email: Email


class TableEdit(UserEdit, kw_only=True):
    """A row of a table, where an empty cell is an absent key. `has_single_name`: there is a column
    for last names and nothing in it, which a new person needs no other word about."""

    has_single_name: bool = False


def leave_places(row: UserEdit, is_said: Sequence[bool]) -> None:
    """Marks those of the row's roles for which nobody said a category; see WHERE_HELD."""
    if row.user_roles is not UNSET:
        pairs = zip(row.user_roles, is_said, strict=True)
        row.user_roles = [
            grant if said else RoleGrant(grant.role_id, WHERE_HELD) for grant, said in pairs
        ]


class NewUser(UserEdit, kw_only=True):
    """What /adduser takes."""

    user_first_name: Name
    user_last_name: LastName


class User(msgspec.Struct):
    """An account as clients read it (contract 2.1)."""

    user_id: int
    user_email: str
    user_first_name: str
    user_last_name: str
    user_job_title: str | None
    user_business_unit: str | None
    user_department: str | None
    user_location: str | None
    user_is_active: int
    user_invite_status: int
    user_roles: list[RoleGrant]


class Account(msgspec.Struct):
    """What the rules look at. `user_id` 0 is one that is not stored yet."""

    user_id: int
    user_email: str
    user_first_name: str
    user_last_name: str
    user_job_title: str | None
    user_business_unit: str | None
    user_department: str | None
    user_location: str | None
    user_is_active: int
    user_invite_status: int
    has_registered: bool
    is_trashed: bool
    person_key: bytes
    grants: tuple[RoleGrant, ...]

    @property
    def works(self) -> bool:
        """Whether the person's credentials work."""
        return (
            self.user_is_active == 1 and self.user_invite_status == ACTIVE and not self.is_trashed
        )

    def as_user(self) -> User:
        return User(user_id=self.user_id, **facts_of(self), user_roles=list(self.grants))


def facts_of(account: Account) -> dict[str, Any]:
    """What stands in an account's row of the fields that people see, by FACTS."""
    return {name: getattr(account, name) for name in FACTS}


class Outcome(msgspec.Struct):
    """What a change of an account sets off beside the new values."""

    account: Account
    sends_invitation: bool = False
    cancels_invitations: bool = False
    ends_credentials: bool = False


class Change(msgspec.Struct):
    """One account before (None: it is new) and after, ready to be written."""

    before: Account | None
    outcome: Outcome

    @property
    def is_empty(self) -> bool:
        return self.before is self.outcome.account


def changes_of(change: Change) -> dict[str, FieldChange]:
    """Each field of an account that changes, with its roles."""
    if change.before is None:
        return {}
    before, after = (
        facts_of(account) | {"user_roles": [msgspec.to_builtins(g) for g in account.grants]}
        for account in (change.before, change.outcome.account)
    )
    return list_changes(before, after)


def widens(change: Change) -> bool:
    """Whether somebody who is there gets a role that they did not hold, or one in more places."""
    held = set(change.before.grants) if change.before else set(change.outcome.account.grants)
    return any(
        grant not in held and RoleGrant(grant.role_id, 0) not in held
        for grant in change.outcome.account.grants
    )


def status_word(is_active: int, invite_status: int) -> str:
    """The status as people read it (contract 2.2 e)."""
    if not is_active:
        return "Inactive"
    return ("Not invited", "Pending", "Pending (invited)", "Active")[invite_status]


def new_account(row: UserEdit) -> Outcome:
    """The new account that `row` describes. Raises Invalid with every fault."""
    if (
        row.user_first_name is UNSET
        or (last_name := find_last_name(row)) is UNSET
        or row.user_invite_status == ACTIVE
    ):
        raise Invalid(
            "The account cannot be added.", details=find_add_faults(msgspec.to_builtins(row))
        )
    active = 1 if row.user_is_active is UNSET else row.user_is_active
    invite = 0 if row.user_invite_status is UNSET or not active else row.user_invite_status
    account = Account(
        user_id=0,
        user_email=row.user_email,
        user_first_name=row.user_first_name,
        user_last_name=last_name,
        user_job_title=row.user_job_title or None,
        user_business_unit=row.user_business_unit or None,
        user_department=row.user_department or None,
        user_location=row.user_location or None,
        user_is_active=active,
        user_invite_status=invite,
        has_registered=False,
        is_trashed=False,
        person_key=b"",
        grants=(DEFAULT_GRANT,) if row.user_roles is UNSET else sort_grants(row.user_roles),
    )
    return Outcome(account, sends_invitation=invite == PENDING_INVITED)


def find_last_name(row: UserEdit) -> str | UnsetType:
    """The last name of the new person whom `row` describes."""
    return "" if isinstance(row, TableEdit) and row.has_single_name else row.user_last_name


def find_add_faults(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Why a row as it was sent cannot become a new account, whatever else is wrong with it."""
    missing = {"user_first_name", "user_last_name"} - set(row)
    if row.get("has_single_name"):
        missing.discard("user_last_name")
    faults = {name: ["is required."] for name in sorted(missing)}
    if row.get("user_invite_status") in (ACTIVE, str(ACTIVE)):
        faults["user_invite_status"] = [
            "cannot be 3 on a new account: nobody is Active before registering. Send 2 to mail an "
            "invitation, or set 3 by an edit later."
        ]
    return faults


def edit_account(stored: Account, row: UserEdit | UserPatch) -> Outcome:
    """`stored` after the edit (contract 2.2, edit rules); `user_email` of the row is not looked
    at."""
    active, invite = edit_status(stored, row.user_is_active, row.user_invite_status)
    account = Account(
        user_id=stored.user_id,
        user_email=stored.user_email,
        user_first_name=stored.user_first_name
        if row.user_first_name is UNSET
        else row.user_first_name,
        user_last_name=stored.user_last_name if row.user_last_name is UNSET else row.user_last_name,
        user_job_title=stored.user_job_title
        if row.user_job_title is UNSET
        else row.user_job_title or None,
        user_business_unit=stored.user_business_unit
        if row.user_business_unit is UNSET
        else row.user_business_unit or None,
        user_department=stored.user_department
        if row.user_department is UNSET
        else row.user_department or None,
        user_location=stored.user_location
        if row.user_location is UNSET
        else row.user_location or None,
        user_is_active=active,
        user_invite_status=invite,
        has_registered=stored.has_registered,
        is_trashed=stored.is_trashed,
        person_key=stored.person_key,
        grants=stored.grants if row.user_roles is UNSET else sort_grants(row.user_roles),
    )
    if account == stored:
        return Outcome(stored)
    return Outcome(
        account,
        sends_invitation=invite == PENDING_INVITED and stored.user_invite_status != PENDING_INVITED,
        cancels_invitations=stored.user_is_active == 1
        and (not active or invite == NOT_INVITED != stored.user_invite_status),
        ends_credentials=stored.works and not account.works,
    )


def edit_status(
    stored: Account, sent_active: int | UnsetType, sent_invite: int | UnsetType
) -> tuple[int, int]:
    """`user_is_active` and `user_invite_status` after an edit that sends these (contract 2.2,
    edit rules)."""
    if sent_active == 0:
        return 0, NOT_INVITED
    if stored.user_is_active == 0:
        if sent_active is UNSET:
            return 0, NOT_INVITED
        if stored.has_registered:
            return 1, ACTIVE
        return 1, PENDING if sent_invite is UNSET else sent_invite
    if stored.user_invite_status == ACTIVE or sent_invite is UNSET:
        return 1, stored.user_invite_status
    return 1, sent_invite


def sort_grants(grants: Sequence[RoleGrant]) -> tuple[RoleGrant, ...]:
    """Each grant once, by role and category."""
    return tuple(grants) if len(grants) == 1 else tuple(sorted(set(grants)))


BulkMode = Literal["upsert", "add", "edit"]
BulkOutcome = Literal["created", "updated", "unchanged", "failed"]


class BulkResult(msgspec.Struct):
    """What became of one row; `index` counts from 0."""

    index: int
    user_email: str | None
    outcome: BulkOutcome
    errors: dict[str, list[str]] = {}
    changes: dict[str, FieldChange] | UnsetType = UNSET
    """Each field that changes, of an account that is there."""
    widens: bool | UnsetType = UNSET
    """Whether that person gets a role that they did not hold, or one in more places."""


class BulkReport(msgspec.Struct):
    """The answer of /users/bulk (contract 2.3)."""

    total: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    results: list[BulkResult] = []
    widened: int = 0
    """How many of the people who are there get a role that they did not hold so."""
    note: str | UnsetType = UNSET
    """What must be said of how the file was read, if anything."""

    def count(self, outcome: BulkOutcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)


class NewEmail(msgspec.Struct):
    user_email: Email


class Reassign(msgspec.Struct):
    """Who takes over; `deactivate` 1 makes the leaver Inactive in the same act."""

    to_user_id: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    deactivate: Flag = 1


class InvitationRequest(msgspec.Struct):
    """`send_mail` 0 makes a link without a mail, to be handed over by an administrator."""

    send_mail: Flag = 1


class UserDetail(User, kw_only=True):
    """What GET /users/{id} shows beside the record of the list."""

    user_is_trashed: int
    user_has_registered: int
    user_created_epoch: int
    user_updated_epoch: int
    user_email_aliases: list[str]


class Reason(msgspec.Struct):
    """One way in which a right is held; `category_chain` runs from the top, empty for all
    categories."""

    role_id: int
    role_name: str
    category_id: int
    category_chain: list[int]
    group_id: int | None
    group_name: str | None
    only_where_assigned: int


class HeldRight(msgspec.Struct):
    permission: str
    granted: int
    by: list[Reason]


class UserAccess(msgspec.Struct):
    """Why a person may do what; `refusal` says why nothing at all."""

    user_id: int
    user_email: str
    may_sign_in: int
    refusal: str | None
    rights: list[HeldRight]
