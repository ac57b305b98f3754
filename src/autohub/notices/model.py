"""The notices that there are (product 5, e-mails), and their words."""

from typing import Literal, NamedTuple

import msgspec

Notice = Literal["review asked", "approved", "assessment asked", "rejected", "duplicate", "status changed", "collaborator added"]


class Words(NamedTuple):
    subject: str
    text: str


WORDS: dict[str, Words] = {
    "review asked": Words("A new idea waits for your review: {idea}", "“{idea}” was handed in and waits for a review."),
    "approved": Words("Approved: {idea}", "Your idea “{idea}” was approved. It is now at: {status}."),
    "assessment asked": Words(
        "Please assess: {idea}", "“{idea}” was approved, and you are its process owner. Please fill in the Detailed Assessment."
    ),
    "rejected": Words("Not taken up: {idea}", "Your idea “{idea}” was not taken up."),
    "duplicate": Words("There already: {idea}", "Your idea “{idea}” was found to be the same as another one."),
    "status changed": Words("{idea}: {status}", "“{idea}” is now at: {status}."),
    "collaborator added": Words("You work on: {idea}", "You were given a role on “{idea}”."),
}

APPROVED, REJECTED, DUPLICATE = (47, 51), (48, 57), 49
AWAITING_REVIEW = 46


class Choice(msgspec.Struct):
    """The notices that a person does not want."""

    off: list[Notice]
