"""Two people at one idea: the second is told who changed what meanwhile, and keeps what they
typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from autohub.access.model import Right
from autohub.assessments.model import Assessment
from autohub.audit import store as audit
from autohub.audit.model import Entry
from autohub.db.engine import Reading
from autohub.ideas.model import Idea
from autohub.ideas.rights import AuthorizedIdea, find_idea
from autohub.kit.query import Page
from autohub.users import store as users
from autohub.web.page_requests import ChangedMeanwhile, PageRequest, WritePageRequest

SHOWN = 200
BESIDE = (
    "vote",
    "take vote back",
    "add document",
    "delete document",
    "change document",
    "move idea",
)
"""Changes that no field of the form is about."""


def check_stamp(request: WritePageRequest) -> AuthorizedIdea:
    """The idea that the address names. Raises NotFound, and ChangedMeanwhile unless
    it is as it was when the form was opened."""
    held = find_idea(request.db, request.caller, request.number("process"))
    idea = held.idea
    stamp = request.form.number("stamp")
    if stamp is None or stamp >= idea.process_updated_epoch:
        return held
    since = [
        entry
        for entry in _entries(request.db, idea.process_id, 50)
        if entry.at_epoch > stamp and entry.action not in BESIDE
    ]
    if not since:
        return held
    last = since[0]
    who = names(request.db, [last.actor_user_id]) if last.actor_user_id is not None else {}
    name = next(iter(who.values()), request.reader("Somebody"))
    text = request.reader(
        "%(name)s changed this idea at %(moment)s, while you had it open. What you typed is kept "
        "below. Compare it with what is saved "
        "now, and save again to put yours in its place."
    )
    raise ChangedMeanwhile(text % {"name": name, "moment": request.reader.moment(last.at_epoch)})


def stamp_of(request: PageRequest[Any], idea: Idea) -> Any:
    """What a form carries of when it was opened: that of its first showing, until its reader was
    told of a change."""
    told = request.error is None or isinstance(request.error, ChangedMeanwhile)
    return idea.process_updated_epoch if told else request.form.get("stamp")


def find_differences(
    forms: Iterable[Assessment], stored: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """The questions at which the stored answer is not what was typed, with the stored one as
    people read it."""
    found = []
    for form in forms:
        for question in form.questions.values():
            now, mine = stored.get(question.key), typed.get(question.key)
            if str(now if now is not None else "") != str(mine if mine is not None else ""):
                found.append(
                    (
                        question.title,
                        question.labels.get(str(now), str(now if now is not None else "–")),
                    )
                )
    return found


def names(db: Reading, user_ids: Iterable[int]) -> dict[int, str]:
    return users.full_names(db, user_ids)


def list_entries(request: PageRequest[Any], process_id: int) -> list[Entry]:
    """Everything that the audit has of an idea, newest first, for those who may read it."""
    request.caller.need_somewhere(Right.AUDIT_LOGS)
    return _entries(request.db, process_id, SHOWN)


def _entries(db: Reading, process_id: int, limit: int) -> list[Entry]:
    found, _ = audit.list_entries(
        db,
        Page(limit, 0),
        object_type="idea",
        object_id=process_id,
        actor_user_id=None,
        action=None,
        since=None,
        until=None,
    )
    return found
