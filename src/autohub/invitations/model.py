"""One invitation of one person."""

from typing import Literal

import msgspec

State = Literal["open", "used", "cancelled", "expired"]
Delivery = Literal["none", "waiting", "queued", "sent", "failed", "cancelled"]
"""none: made without a mail · waiting: no mail server is set · queued: will be (re)tried."""


class Invitation(msgspec.Struct):
    invitation_id: int
    user_id: int
    user_email: str | None
    invitation_state: State
    delivery_state: Delivery
    delivery_attempts: int
    delivery_error: str | None
    invitation_created_epoch: int
    invitation_expires_epoch: int
    invitation_sent_epoch: int | None


class Link(msgspec.Struct):
    """The one-time link, to be handed to this person and nobody else."""

    invitation_id: int
    link: str
    invitation_expires_epoch: int
