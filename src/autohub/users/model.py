"""An account and its status table (contract 2.1, 2.2)."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.granting import DEFAULT_GRANT
from autohub.access.model import Email, Flag, RoleGrant, RoleGrantInput
from autohub.kit.errors import Invalid
from autohub.kit.text import fold

Name = Annotated[str, Meta(min_length=1, max_length=50)]
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
OPTIONAL = TEXTS[3:]
STATUS_FIELDS = ("user_is_active", "user_invite_status")

NOT_INVITED, PENDING, PENDING_INVITED, ACTIVE = 0, 1, 2, 3
"""`user_invite_status` of an account whose `user_is_active` is 1; Inactive is 0 with `user_is_active` 0."""

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W_](?:[\w-]*[^\W_])?")


class UserEdit(msgspec.Struct):
    """What /edituser and a row of /users/bulk may send: an absent key stays as it is, null clears an optional text."""

    user_email: Email
    user_first_name: Name | UnsetType = UNSET
    user_last_name: Name | UnsetType = UNSET
    user_job_title: Short | None | UnsetType = UNSET
    user_business_unit: Short | None | UnsetType = UNSET
    user_department: Short | None | UnsetType = UNSET
    user_location: Short | None | UnsetType = UNSET
    user_is_active: Flag | UnsetType = UNSET
    user_invite_status: InviteStatus | UnsetType = UNSET
    user_roles: Annotated[list[RoleGrantInput], Meta(min_length=1)] | UnsetType = UNSET

    def grants(self) -> list[RoleGrant] | None:
        """The roles that are sent, in their order; None when none are."""
        return [RoleGrant(g.role_id, g.category_id) for g in self.user_roles] if isinstance(self.user_roles, list) else None


class NewUser(UserEdit, kw_only=True):
    """What /adduser takes."""

    user_first_name: Name
    user_last_name: Name


class UserPatch(msgspec.Struct):
    """What PATCH /users/{id} takes: as /edituser, without the address, which has a call of its own."""

    user_first_name: Name | UnsetType = UNSET
    user_last_name: Name | UnsetType = UNSET
    user_job_title: Short | None | UnsetType = UNSET
    user_business_unit: Short | None | UnsetType = UNSET
    user_department: Short | None | UnsetType = UNSET
    user_location: Short | None | UnsetType = UNSET
    user_is_active: Flag | UnsetType = UNSET
    user_invite_status: InviteStatus | UnsetType = UNSET
    user_roles: Annotated[list[RoleGrantInput], Meta(min_length=1)] | UnsetType = UNSET


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
        return self.user_is_active == 1 and self.user_invite_status == ACTIVE and not self.is_trashed

    def as_user(self) -> User:
        return User(
            self.user_id,
            self.user_email,
            self.user_first_name,
            self.user_last_name,
            self.user_job_title,
            self.user_business_unit,
            self.user_department,
            self.user_location,
            self.user_is_active,
            self.user_invite_status,
            list(self.grants),
        )


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
        return self.before is not None and self.before == self.outcome.account and not self.outcome.sends_invitation


def status_word(is_active: int, invite_status: int) -> str:
    """The status as people read it (contract 2.2 e)."""
    if not is_active:
        return "Inactive"
    return ("Not invited", "Pending", "Pending (invited)", "Active")[invite_status]


def email_key(email: str) -> str:
    """The identity of an account: two addresses with one key are the same."""
    return email.casefold()


def search_text(account: Account) -> str:
    """What a free-text search looks through: name, e-mail, job title, business unit, department (contract 1.5), folded."""
    texts = (
        account.user_first_name,
        account.user_last_name,
        account.user_email,
        account.user_job_title,
        account.user_business_unit,
        account.user_department,
    )
    return fold(" ".join(text for text in texts if text))


def email_fault(email: str) -> str | None:
    """What is wrong with the form of an address."""
    local = email.partition("@")[0]
    if not _EMAIL.fullmatch(email) or local.startswith(".") or local.endswith(".") or ".." in local:
        return "must be an e-mail address such as jane.doe@example.com."
    return None


def add_faults(row: UserEdit) -> dict[str, list[str]]:
    """Why this row cannot become a new account."""
    faults = {name: ["is required."] for name in ("user_first_name", "user_last_name") if getattr(row, name) is UNSET}
    if row.user_invite_status == ACTIVE:
        faults["user_invite_status"] = [
            "cannot be 3 on a new account: nobody is Active before registering. Send 2 to mail an invitation, or set 3 by an edit later."
        ]
    return faults


def blank_names(row: UserEdit | UserPatch) -> dict[str, list[str]]:
    """A name of blanks alone is none."""
    names = ("user_first_name", "user_last_name")
    return {name: ["must not be empty."] for name in names if isinstance(value := getattr(row, name), str) and not value.strip()}


def added(row: UserEdit) -> Outcome:
    """The new account that `row` describes. Raises Invalid with every fault."""
    faults = add_faults(row)
    faults |= blank_names(row)
    if fault := email_fault(row.user_email):
        faults["user_email"] = [fault]
    if faults:
        raise Invalid("The account cannot be added.", details=faults)
    active = row.user_is_active if isinstance(row.user_is_active, int) else 1
    invite = row.user_invite_status if isinstance(row.user_invite_status, int) and active else NOT_INVITED
    account = Account(
        0,
        row.user_email,
        _text(row.user_first_name) or "",
        _text(row.user_last_name) or "",
        _text(row.user_job_title),
        _text(row.user_business_unit),
        _text(row.user_department),
        _text(row.user_location),
        active,
        invite,
        False,
        False,
        b"",
        tuple(sorted(set(row.grants() or (DEFAULT_GRANT,)))),
    )
    return Outcome(account, sends_invitation=invite == PENDING_INVITED)


def edited(stored: Account, row: UserEdit | UserPatch, grants: list[RoleGrant] | None) -> Outcome:
    """`stored` after the edit (contract 2.2, edit rules); `user_email` of the row is not looked at. Raises Invalid."""
    if faults := blank_names(row):
        raise Invalid("The account cannot be changed.", details=faults)
    active, invite = edited_status(stored, row.user_is_active, row.user_invite_status)
    account = Account(
        stored.user_id,
        stored.user_email,
        stored.user_first_name if row.user_first_name is UNSET else _text(row.user_first_name) or "",
        stored.user_last_name if row.user_last_name is UNSET else _text(row.user_last_name) or "",
        stored.user_job_title if row.user_job_title is UNSET else _text(row.user_job_title),
        stored.user_business_unit if row.user_business_unit is UNSET else _text(row.user_business_unit),
        stored.user_department if row.user_department is UNSET else _text(row.user_department),
        stored.user_location if row.user_location is UNSET else _text(row.user_location),
        active,
        invite,
        stored.has_registered,
        stored.is_trashed,
        stored.person_key,
        stored.grants if grants is None else tuple(sorted(set(grants))),
    )
    return Outcome(
        account,
        sends_invitation=invite == PENDING_INVITED and stored.user_invite_status != PENDING_INVITED,
        cancels_invitations=stored.user_is_active == 1
        and (not active or (invite == NOT_INVITED and stored.user_invite_status != NOT_INVITED)),
        ends_credentials=stored.works and not account.works,
    )


def edited_status(stored: Account, sent_active: int | UnsetType, sent_invite: int | UnsetType) -> tuple[int, int]:
    """`user_is_active` and `user_invite_status` after an edit that sends these (contract 2.2, edit rules)."""
    if sent_active == 0:
        return 0, NOT_INVITED
    if stored.user_is_active == 0:
        if sent_active is UNSET:
            return 0, NOT_INVITED
        if stored.has_registered:
            return 1, ACTIVE
        return 1, sent_invite if isinstance(sent_invite, int) else PENDING
    if stored.user_invite_status == ACTIVE or sent_invite is UNSET:
        return 1, stored.user_invite_status
    assert isinstance(sent_invite, int)
    return 1, sent_invite


def _text(value: str | None | UnsetType) -> str | None:
    """Blanks around a text are dropped; an empty one is none."""
    return (value.strip() or None) if isinstance(value, str) else None


BulkMode = Literal["upsert", "add", "edit"]


class BulkResult(msgspec.Struct):
    """What became of one row; `index` counts from 0."""

    index: int
    user_email: str | None
    outcome: Literal["created", "updated", "unchanged", "failed"]
    errors: dict[str, list[str]] = {}


class BulkReport(msgspec.Struct):
    """The answer of /users/bulk (contract 2.3)."""

    total: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    results: list[BulkResult] = []

    def count(self, result: BulkResult, *, keep: bool) -> None:
        self.total += 1
        setattr(self, result.outcome, getattr(self, result.outcome) + 1)
        if keep or result.outcome == "failed":
            self.results.append(result)


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
    """One way in which a right is held; `category_chain` runs from the top, empty for all categories."""

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
