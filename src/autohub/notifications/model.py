"""The notices that there are (product 5, e-mails), and their words."""

from typing import Literal, NamedTuple

import msgspec

from autohub.flows.model import StatusId
from autohub.kit.text import N_

Notice = Literal[
    "review asked",
    "approved",
    "assessment asked",
    "rejected",
    "duplicate",
    "status changed",
    "collaborator added",
    "asked",
    "mention",
    "account changed",
]
AccountNotice = Literal[
    "activated",
    "deactivated",
    "deleted",
    "restored",
    "address changed",
    "password changed",
    "token made",
    "webhook paused",
    "webhook ended",
    "second factor changed",
]
"""What a person is told of their own account, by mail alone, since they may not be able to sign
in any more."""
TAKEOVER: tuple[AccountNotice, ...] = (
    "address changed",
    "password changed",
    "second factor changed",
    "token made",
)
"""How one learns that an account was taken over: told to everybody, and of what seems to be done
by oneself too."""


class NoticeTexts(NamedTuple):
    """The mail's subject and text, what a person chooses it by, and the line in the hub's own
    list."""

    subject: str
    text: str
    about: str
    line: str


WORDS: dict[str, NoticeTexts] = {
    "review asked": NoticeTexts(
        N_("A new idea waits for your review: {idea}"),
        N_("“{idea}” was handed in and waits for a review."),
        N_("An idea waits for your review"),
        line=N_("waits for your review"),
    ),
    "approved": NoticeTexts(
        N_("Approved: {idea}"),
        N_("Your idea “{idea}” was approved. It is now at: {status}."),
        N_("Your idea was approved"),
        line=N_("was approved"),
    ),
    "assessment asked": NoticeTexts(
        N_("Please assess: {idea}"),
        N_(
            "“{idea}” was approved, and you are its process owner. Please fill in the Detailed "
            "Assessment."
        ),
        N_("You are asked to assess an idea"),
        line=N_("waits for your Detailed Assessment"),
    ),
    "rejected": NoticeTexts(
        N_("Not taken up: {idea}"),
        N_("Your idea “{idea}” was not taken up."),
        N_("Your idea was not taken up"),
        line=N_("was not taken up"),
    ),
    "duplicate": NoticeTexts(
        N_("There already: {idea}"),
        N_("Your idea “{idea}” was found to be the same as another one."),
        N_("Your idea was found to be a duplicate"),
        line=N_("was found to be the same as another idea"),
    ),
    "status changed": NoticeTexts(
        N_("{idea}: {status}"),
        N_("“{idea}” is now at: {status}."),
        N_("An idea that you follow moved on"),
        line=N_("moved on"),
    ),
    "collaborator added": NoticeTexts(
        N_("You work on: {idea}"),
        N_("You were given a role on “{idea}”."),
        N_("You were given a role on an idea"),
        line=N_("has you as a collaborator"),
    ),
    "asked": NoticeTexts(
        N_("A question or an answer: {idea}"),
        N_("Somebody asked or answered something on “{idea}”."),
        N_("Somebody asks or answers on an idea of yours"),
        line=N_("has a new question or answer"),
    ),
    "mention": NoticeTexts(
        N_("You are mentioned: {idea}"),
        N_("Somebody mentioned you on “{idea}”."),
        N_("Somebody mentions you"),
        line=N_("mentions you"),
    ),
}

ACCOUNT_CHANGED: Notice = "account changed"
ACCOUNT_ABOUT = N_("Your account is switched on or off, deleted or restored")
ACCOUNT_WORDS: dict[AccountNotice, tuple[str, str]] = {
    # subject and text; {link} leads to the sign-in
    "activated": (
        N_("Your account is active again"),
        N_(
            "Your account in the automation hub is active again. You can sign in with your "
            "password:\n\n{link}"
        ),
    ),
    "deactivated": (
        N_("Your account is switched off"),
        N_(
            "Your account in the automation hub was switched off, and your sessions have ended. "
            "Your ideas stay. If you did not expect "
            "this, ask an administrator of the hub."
        ),
    ),
    "deleted": (
        N_("Your account is deleted"),
        N_(
            "Your account in the automation hub was deleted, and your sessions have ended. Your "
            "ideas stay. If this was a mistake, an "
            "administrator of the hub can still restore it, until your personal data is erased."
        ),
    ),
    "restored": (
        N_("Your account is restored"),
        N_(
            "Your account in the automation hub was deleted, and has been restored. You can sign "
            "in again:\n\n{link}"
        ),
    ),
    "address changed": (
        N_("Your address in the automation hub is another one"),
        N_(
            "An administrator gave your account in the automation hub another e-mail address. You "
            "sign in with the new one, and mails go "
            "there. If you did not expect this, ask an administrator of the hub."
        ),
    ),
    "password changed": (
        N_("Your password is another one"),
        N_(
            "The password of your account in the automation hub was changed, and your other "
            "sessions have ended. If that was not you, ask for a new one at once, and tell an "
            "administrator of the hub:\n\n{link}"
        ),
    ),
    "second factor changed": (
        N_("Your second factors changed"),
        N_(
            "A second factor of your account in the automation hub was added, removed or reset. If "
            "you do not know of it, change your password, look at Your account, and tell an "
            "administrator of the hub:\n\n{link}"
        ),
    ),
    "token made": (
        N_("A token acts in your name"),
        N_(
            "An Open API token was made for your account in the automation hub: whoever has it can "
            "do what you can. If you do not know of it, revoke it on the page Tokens, and tell an "
            "administrator of the hub:\n\n{link}"
        ),
    ),
    "webhook paused": (
        N_("A webhook is not served any more"),
        N_(
            "The automation hub could not reach one of your webhooks for three days. What happens "
            "meanwhile is kept. Find out why under Webhooks, and wake it there:\n\n{link}"
        ),
    ),
    "webhook ended": (
        N_("A webhook is not served any more"),
        N_(
            "The receiver of one of your webhooks answered that it wants no more (410). Nothing is "
            "sent to it or kept for it. Switch it on again under Webhooks:\n\n{link}"
        ),
    ),
}

APPROVED = (StatusId.IDEA_APPROVED, StatusId.ASSESSMENT_NOT_STARTED)
REJECTED = (StatusId.IDEA_REJECTED, StatusId.QUALIFICATION_REJECTED)
DUPLICATE = StatusId.IDEA_DUPLICATE
AWAITING_REVIEW = StatusId.IDEA_AWAITING_REVIEW


class NoticeChoice(msgspec.Struct):
    """The notices that a person does not want: by mail, and in the hub."""

    off: list[Notice]
    off_here: list[Notice] = []


class Notification(msgspec.Struct):
    """One line of what a person was told in the hub; the actor's names are null for the system
    and for erased people."""

    notification_id: int
    notice: str
    process_id: int
    process_name: str
    phase_name: str
    phase_status_name: str
    actor_first_name: str | None
    actor_last_name: str | None
    reason: str | None
    created_epoch: int
    read_epoch: int | None


class Spread(msgspec.Struct, kw_only=True):
    """What a worker tells many people of one idea; `after` is the last of them who was told."""

    process_id: int
    status_id: int
    asks: bool
    moved: bool
    passed_over: list[int]
    actor_user_id: int | None
    at: int
    after: int = 0
