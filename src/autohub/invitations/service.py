"""Inviting people: the mail goes through the outbox, the link is derived from the row and never
stored."""

from collections.abc import Sequence
from typing import Any

import msgspec

from autohub.access import granting
from autohub.access import store as access
from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.invitations import store
from autohub.invitations.model import Delivery, Invitation, Link, State
from autohub.kit.clock import DAY
from autohub.kit.errors import Conflict, NotFound
from autohub.kit.query import Page
from autohub.kit.seal import same, sign
from autohub.kit.sealing import Keys
from autohub.kit.sentences import say
from autohub.settings import Settings


class InvitationLinkExpired(NotFound):
    def __init__(self) -> None:
        super().__init__(
            "This link does not work: it was used or cancelled, or it has expired. Ask an "
            "administrator for a new one."
        )


def invite_users(db: Writing, user_ids: Sequence[int], *, settings: Settings, now: int) -> None:
    """Sends each of these people an invitation; their older open ones are cancelled."""
    if user_ids:
        store.cancel_open(db, user_ids, now=now)
        held = access.held_places(db, user_ids)
        store.insert_mailed(db, held, now=now, expires=now + settings.invitation_days * DAY)


def renew_invitations(
    db: Writing, user_ids: Sequence[int], *, settings: Settings, now: int
) -> None:
    """For people who may do more now: whoever read an open link of theirs is not to get that. It is
    cancelled, and mailed anew if it was mailed."""
    open_ = store.list_open(db, user_ids) if user_ids else []
    if open_:
        store.cancel_open(db, [row.user_id for row in open_], now=now)
        mailed = [row.user_id for row in open_ if row.outbox_id is not None]
        invite_users(db, list(dict.fromkeys(mailed)), settings=settings, now=now)


def invite_without_mail(db: Writing, user_id: int, *, settings: Settings, now: int) -> int:
    """Makes a link that an administrator hands over; returns the invitation's id."""
    store.cancel_open(db, [user_id], now=now)
    held = access.held_places(db, [user_id])[user_id]
    expires = now + settings.invitation_days * DAY
    return store.insert_unmailed(db, user_id, held, now=now, expires=expires)


def list_invitations(
    db: Reading,
    page: Page,
    *,
    user_id: int | None = None,
    only_open: bool,
    settings: Settings,
    now: int,
) -> tuple[list[Invitation], int]:
    rows, total = store.list_invitations(
        db, page, user_id=user_id, open_at=now if only_open else None
    )
    return [_to_invitation(row, settings=settings, now=now) for row in rows], total


def read_link(
    db: Writing, caller: Caller, invitation_id: int, *, settings: Settings, secret: str, now: int
) -> Link:
    """The link of an open invitation; that it was read is written to the audit.

    Raises NotFound, Conflict for one that is not open, Forbidden for a person who may do more than
    the caller, ProofNeeded.
    """
    row = store.get_invitation(db, invitation_id)
    if row is None:
        raise NotFound(
            say(
                "There is no invitation {invitation_id}; GET /invitations lists them.",
                invitation_id=invitation_id,
            )
        )
    if state_of(row, now) != "open" or row.registered_epoch is not None:
        raise Conflict(
            "The invitation is not open any more; invite the person again to get a working link."
        )
    granting.check_peer(db, caller, row.user_id)
    caller.need_proof()
    audit.record(
        db,
        actor(caller),
        "read invitation link",
        "user",
        row.user_id,
        now=now,
        after={"invitation_id": invitation_id},
    )
    return Link(
        invitation_id,
        build_link(invitation_id, row.created_epoch, settings=settings, secret=secret),
        row.expires_epoch,
    )


def build_link(invitation_id: int, created: int, *, settings: Settings, secret: str) -> str:
    return (
        f"{settings.base_url}/register/"
        f"{invitation_id}-{sign(secret, 'invitation', invitation_id, created)}"
    )


def resolve_link(db: Reading, token: str, *, keys: Keys, now: int) -> Any:
    """The open invitation that a link's last part names, with its person. Raises
    InvitationLinkExpired."""
    number, _, signature = token.partition("-")
    row = (
        store.get_invitation(db, int(number))
        if number.isascii() and number.isdigit() and len(number) < 16
        else None
    )
    if row is None or not any(
        same(signature, sign(secret, "invitation", row.invitation_id, row.created_epoch))
        for secret in keys.secrets
    ):
        raise InvitationLinkExpired
    if (
        state_of(row, now) != "open"
        or row.registered_epoch is not None
        or not row.user_is_active
        or row.trashed_epoch is not None
        or not _may_no_more(db, row)
    ):
        raise InvitationLinkExpired
    return row


def _may_no_more(db: Reading, row: Any) -> bool:
    """Whether a person may do nothing beyond what they were invited for."""
    if row.held is None:  # from before this was noted
        return True
    invited = {(role_id, category_id) for role_id, category_id in msgspec.json.decode(row.held)}
    return access.held_places(db, [row.user_id])[row.user_id] <= invited


def state_of(row: Any, now: int) -> State:
    """What an invitation's row says at this time."""
    if row.used_epoch is not None:
        return "used"
    if row.cancelled_epoch is not None:
        return "cancelled"
    return "open" if row.expires_epoch > now else "expired"


def _to_invitation(row: Any, *, settings: Settings, now: int) -> Invitation:
    delivery: Delivery = row.mail_state or "none"
    if delivery == "queued" and settings.smtp_url is None:
        delivery = "waiting"
    return Invitation(
        invitation_id=row.invitation_id,
        user_id=row.user_id,
        user_email=row.user_email,
        invitation_state=state_of(row, now),
        delivery_state=delivery,
        delivery_attempts=row.attempts or 0,
        delivery_error=row.last_error,
        invitation_created_epoch=row.created_epoch,
        invitation_expires_epoch=row.expires_epoch,
        invitation_sent_epoch=row.done_epoch if delivery == "sent" else None,
    )


def cancel_invitations(db: Writing, user_ids: Sequence[int], *, now: int) -> None:
    """Cancels these people's open invitations; their links stop working and waiting mails do not
    go out."""
    store.cancel_open(db, user_ids, now=now)


def use_invitation(db: Writing, invitation_id: int, *, now: int) -> bool:
    """Marks an invitation as used; False when somebody was faster."""
    return store.mark_used(db, invitation_id, now=now)


def forget_invitations(db: Writing, user_id: int, *, now: int) -> None:
    """Cancels a person's open invitations and drops what mail servers said of them: for an
    erasure."""
    store.cancel_open(db, [user_id], now=now)
    store.erase_delivery_notes(db, user_id)
