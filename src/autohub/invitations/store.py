"""Every statement about invitations and their mails."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import invitation, outbox, user_account
from autohub.db.statements import Statement, among
from autohub.kit.query import Page

MAIL = "invitation"
_joined = invitation.outerjoin(outbox, outbox.c.outbox_id == invitation.c.outbox_id).join(
    user_account, user_account.c.user_id == invitation.c.user_id
)
_columns = (
    invitation,
    outbox.c.state.label("mail_state"),
    outbox.c.attempts,
    outbox.c.last_error,
    outbox.c.done_epoch,
    user_account.c.user_email,
    user_account.c.user_first_name,
    user_account.c.registered_epoch,
    user_account.c.user_is_active,
    user_account.c.trashed_epoch,
)


Held = Mapping[int, set[tuple[int, int]]]
"""Role and category of each grant of a person, by user_id."""


def insert_mailed(db: Writing, held: Held, *, now: int, expires: int) -> None:
    """Invites many people at once, each with a mail in the outbox."""
    user_ids = list(held)
    invitation_ids, outbox_ids = (
        db.reserve_ids(invitation, len(user_ids)),
        db.reserve_ids(outbox, len(user_ids)),
    )
    mails: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for user_id, invitation_id, outbox_id in zip(user_ids, invitation_ids, outbox_ids, strict=True):
        mails.append(
            (
                outbox_id,
                MAIL,
                msgspec.json.encode({"invitation_id": invitation_id}).decode(),
                user_id,
                now,
                now,
            )
        )
        rows.append((invitation_id, user_id, outbox_id, now, expires, _encode(held[user_id])))
    db.insert_many(
        outbox, ("outbox_id", "kind", "payload", "user_id", "created_epoch", "due_epoch"), mails
    )
    db.insert_many(
        invitation,
        ("invitation_id", "user_id", "outbox_id", "created_epoch", "expires_epoch", "held"),
        rows,
    )


def insert_unmailed(
    db: Writing, user_id: int, held: set[tuple[int, int]], *, now: int, expires: int
) -> int:
    values = {"user_id": user_id, "created_epoch": now, "expires_epoch": expires}
    return db.insert(invitation, values | {"held": _encode(held)})


def _encode(held: set[tuple[int, int]]) -> str:
    return msgspec.json.encode(sorted(held)).decode()


def list_open(db: Reading, user_ids: Sequence[int]) -> Sequence[Row]:
    """`user_id` and `outbox_id` of these people's open invitations."""
    return db.rows(_OPEN, {"ids": user_ids})


_OPEN = Statement(
    select(invitation.c.user_id, invitation.c.outbox_id).where(
        among(invitation.c.user_id, "ids"),
        invitation.c.used_epoch.is_(None),
        invitation.c.cancelled_epoch.is_(None),
    )
)


def cancel_open(db: Writing, user_ids: Sequence[int], *, now: int) -> None:
    """Cancels these people's open invitations and the mails that have not gone out."""
    if not user_ids:
        return
    mine = db.one_of(invitation.c.user_id, user_ids)
    db.change(
        outbox.update()
        .where(
            outbox.c.state == "queued", outbox.c.kind == MAIL, db.one_of(outbox.c.user_id, user_ids)
        )
        .values(state="cancelled", done_epoch=now)
    )
    open_ = sa.and_(mine, invitation.c.used_epoch.is_(None), invitation.c.cancelled_epoch.is_(None))
    db.change(invitation.update().where(open_).values(cancelled_epoch=now))


def erase_delivery_notes(db: Writing, user_id: int) -> None:
    """Drops what mail servers said of this person's mails, in which the address may stand: for
    an erasure."""
    db.change(outbox.update().where(outbox.c.user_id == user_id).values(last_error=None))


def mark_used(db: Writing, invitation_id: int, *, now: int) -> bool:
    """False when it was used or cancelled in the meantime."""
    open_ = sa.and_(
        invitation.c.invitation_id == invitation_id,
        invitation.c.used_epoch.is_(None),
        invitation.c.cancelled_epoch.is_(None),
    )
    return db.change(invitation.update().where(open_).values(used_epoch=now)) > 0


def get_invitation(db: Reading, invitation_id: int) -> Row | None:
    return db.row(
        select(*_columns).select_from(_joined).where(invitation.c.invitation_id == invitation_id)
    )


def list_invitations(
    db: Reading, page: Page, *, user_id: int | None, open_at: int | None
) -> tuple[list[Row], int]:
    """One page, newest first; `open_at` keeps those that are open at that time."""
    where: list[sa.ColumnElement[bool]] = (
        [] if user_id is None else [invitation.c.user_id == user_id]
    )
    if open_at is not None:
        where += [
            invitation.c.used_epoch.is_(None),
            invitation.c.cancelled_epoch.is_(None),
            invitation.c.expires_epoch > open_at,
        ]
    total = db.scalar(select(func.count()).select_from(_joined).where(*where))
    query = (
        select(*_columns)
        .select_from(_joined)
        .where(*where)
        .order_by(invitation.c.invitation_id.desc())
    )
    return list(db.rows(query.limit(page.limit).offset(page.offset))), total
