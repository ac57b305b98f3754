"""The events that other systems are told of, and which entries of the audit each is made of.

Names are published: one that was given once keeps its meaning. An action of the audit stands here
or in NOT_TOLD with the reason; `tests/events/test_catalog.py` wants each of them.
"""

from collections.abc import Iterable

import msgspec

from autohub.audit.model import Action
from autohub.kit.text import N_


class EventType(msgspec.Struct, frozen=True):
    """One kind of event. Its subject is named by what stands before the dot."""

    event_type: str
    title: str
    about: str
    actions: tuple[Action, ...]

    @property
    def subject(self) -> str:
        return self.event_type.partition(".")[0]


EVENT_TYPES = (
    EventType(
        "idea.submitted",
        N_("Idea submitted"),
        about=N_("Somebody handed an idea in."),
        actions=("submit idea",),
    ),
    EventType(
        "idea.imported",
        N_("Idea imported"),
        about=N_("An import, or another hub that moved in, added or changed an idea."),
        actions=("import idea", "move in idea"),
    ),
    EventType(
        "idea.moved",
        N_("Idea moved"),
        about=N_("An idea came to another phase or status."),
        actions=("move idea",),
    ),
    EventType(
        "idea.assessed",
        N_("Idea assessed"),
        about=N_("An assessment of an idea was completed."),
        actions=("complete assessment DA", "complete assessment EX", "complete assessment HLA"),
    ),
    EventType(
        "idea.changed",
        N_("Idea changed"),
        about=N_("Details of an idea were changed: its texts, category, tags, owner or flow."),
        actions=(
            "change category",
            "change idea",
            "change idea flow of idea",
            "reassign idea",
            "set components",
            "set tags",
        ),
    ),
    EventType(
        "idea.collaborators_changed",
        N_("Collaborators changed"),
        about=N_("Somebody joined or left an idea, or may edit other parts of it."),
        actions=("add collaborators", "remove collaborators", "set edit parts"),
    ),
    EventType(
        "idea.benefits_changed",
        N_("Costs and benefits changed"),
        about=N_("The cost-benefit analysis or the project plan of an idea was changed."),
        actions=("set benefits", "set costs", "set project plan", "set project plan baseline"),
    ),
    EventType(
        "idea.runs_reported",
        N_("Robot runs reported"),
        about=N_("What robots did for a live automation was reported."),
        actions=("add robot runs",),
    ),
    EventType(
        "idea.commented",
        N_("Comment"),
        about=N_("Somebody asked or answered on an idea, or changed what they wrote."),
        actions=("change comment", "comment", "take comment back"),
    ),
    EventType(
        "idea.voted",
        N_("Interest shown"),
        about=N_("Somebody is interested in an idea, or is no more."),
        actions=("take vote back", "vote"),
    ),
    EventType(
        "idea.documents_changed",
        N_("Documents changed"),
        about=N_("A document or picture of an idea was added, changed or deleted."),
        actions=("add document", "change document", "delete document"),
    ),
    EventType(
        "idea.reviewed",
        N_("Automation reviewed"),
        about=N_("Somebody who uses an automation from the store said how it serves them."),
        actions=("review",),
    ),
    EventType(
        "idea.published",
        N_("Automation published"),
        about=N_("An automation came into the store, or its offer was changed."),
        actions=("publish to store",),
    ),
    EventType(
        "idea.withdrawn",
        N_("Automation withdrawn"),
        about=N_("An automation left the store."),
        actions=("withdraw from store",),
    ),
    EventType(
        "idea.deleted",
        N_("Idea deleted"),
        about=N_("An idea was deleted; its record is null."),
        actions=("delete idea",),
    ),
    EventType(
        "component.changed",
        N_("Component changed"),
        about=N_("A reusable component was added, changed, moved or deleted."),
        actions=("add component", "change component", "delete component", "move component"),
    ),
    EventType(
        "category.changed",
        N_("Category changed"),
        about=N_("A category was added, changed or deleted, or got another flow."),
        actions=("add category", "change category", "delete category", "set category flow"),
    ),
    EventType(
        "application.changed",
        N_("Application changed"),
        about=N_("An application of the inventory was added, changed or deleted."),
        actions=("add application", "change application", "delete application"),
    ),
    EventType(
        "assessment.changed",
        N_("Assessment changed"),
        about=N_("A version of a questionnaire went live or offline."),
        actions=("set assessment live", "take assessment offline"),
    ),
    EventType(
        "user.added",
        N_("User added"),
        about=N_("An account was made."),
        actions=("add user",),
    ),
    EventType(
        "user.changed",
        N_("User changed"),
        about=N_("An account got other details, roles or another address, or was switched."),
        actions=(
            "change e-mail",
            "edit user",
            "name for collaborator roles",
            "reassign from",
            "reassign to",
            "release alias",
        ),
    ),
    EventType(
        "user.invited",
        N_("User invited"),
        about=N_("An invitation goes out to a person."),
        actions=("invite user",),
    ),
    EventType(
        "user.registered",
        N_("User registered"),
        about=N_("A person accepted their invitation."),
        actions=("register",),
    ),
    EventType(
        "user.deleted",
        N_("User deleted"),
        about=N_("An account came into the trash, or its personal data was erased."),
        actions=("erase user", "trash user"),
    ),
    EventType(
        "user.restored",
        N_("User restored"),
        about=N_("An account came back from the trash."),
        actions=("restore user",),
    ),
)

_CREDENTIALS = "Credentials and sessions are the audit's business, and nobody else's."
_SETUP = "How the hub is set up; whoever needs it reads it."
NOT_TOLD: dict[Action, str] = {
    "add assessment version": "A draft; it is told when it goes live.",
    "add collaborator role": _SETUP,
    "add document type": _SETUP,
    "add group": _SETUP,
    "add idea flow": _SETUP,
    "add phase": _SETUP,
    "add price": _SETUP,
    "add role": _SETUP,
    "add second factor": _CREDENTIALS,
    "link sign-on": _CREDENTIALS,
    "remove second factor": _CREDENTIALS,
    "renew recovery codes": _CREDENTIALS,
    "reset second factors": _CREDENTIALS,
    "set sign-on": _SETUP,
    "add status": _SETUP,
    "add token": _CREDENTIALS,
    "add webhook": _SETUP,
    "ask for password reset": _CREDENTIALS,
    "change assessment version": "A draft; it is told when it goes live.",
    "change collaborator role": _SETUP,
    "change cost setup": _SETUP,
    "change document type": _SETUP,
    "change group": _SETUP,
    "change group members": _SETUP,
    "change idea flow": _SETUP,
    "change password": _CREDENTIALS,
    "change phase": _SETUP,
    "change role": _SETUP,
    "change token": _CREDENTIALS,
    "change webhook": _SETUP,
    "count documents": "Goes with a document, which is told.",
    "delete assessment version": "A draft that nobody was told of.",
    "delete collaborator role": _SETUP,
    "delete group": _SETUP,
    "delete idea flow": _SETUP,
    "delete price": _SETUP,
    "delete role": _SETUP,
    "delete webhook": _SETUP,
    "end other sessions": _CREDENTIALS,
    "end session": _CREDENTIALS,
    "make invitation link": _CREDENTIALS,
    "open session": _CREDENTIALS,
    "read invitation link": _CREDENTIALS,
    "refuse call": _CREDENTIALS,
    "refuse sign-in": _CREDENTIALS,
    "revoke token": _CREDENTIALS,
    "rotate webhook secret": _CREDENTIALS,
    "score ideas anew": "Says nothing of one idea; read the ideas anew.",
    "set currency rate": _SETUP,
    "switch leaderboard": _SETUP,
}
"""Actions that no event tells of, and why."""

_BY_ENTRY: dict[tuple[str, str], EventType] = {
    (each.subject, action): each for each in EVENT_TYPES for action in each.actions
}
BY_NAME = {each.event_type: each for each in EVENT_TYPES}


def find_event_type(object_type: str, action: str) -> EventType | None:
    """What an entry of the audit is told as; None for one that is not told."""
    return _BY_ENTRY.get((object_type, action))


def unknown_types(names: Iterable[str]) -> list[str]:
    """Those of `names` that the catalog does not have."""
    return [name for name in names if name not in BY_NAME]
