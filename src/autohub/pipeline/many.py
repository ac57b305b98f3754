"""What a selection of ideas can be given: another status, a priority, a tag, a follower."""

from collections.abc import Sequence

from autohub.access.model import ANY_RIGHT
from autohub.db.engine import Writing
from autohub.discussions import service as discussions
from autohub.ideas import moves, service
from autohub.ideas import store as ideas
from autohub.ideas.model import Patch, StatusChange, Tags
from autohub.ideas.rights import find
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.pipeline.model import NO_PRIORITY, PRIORITIES
from autohub.pipeline.pages import PARAMS, again, filters_of
from autohub.web.many import AT_ONCE, do_to_many
from autohub.web.views import ChunkVisit, See, Views

views = Views()


@views("POST", "/pipeline/many", rights=ANY_RIGHT, transaction="chunks", params=PARAMS, again=again)
def many(visit: ChunkVisit) -> See:
    """Does one thing to every idea that is picked, or with `all` to every one that the address's filters hold."""
    _check_chosen(visit)
    picked: Sequence[int] = visit.form.numbers("process_id")
    if visit.form.flag("all"):
        with visit.db.reading() as db:
            picked, _ = ideas.page(db, visit.caller, filters_of(visit), Part(AT_ONCE + 1, 0), sort=("process_name", False))
    done, refused = do_to_many(visit, picked, lambda db, process_id: _one(visit, db, process_id))
    said = visit.reader("Done for %(done)s of %(all)s ideas.") % {"done": done, "all": len(picked)}
    following = visit.form.get("next")
    return See(following if following.startswith("/pipeline") else "/pipeline", f"{said} {refused}".strip())


def _check_chosen(visit: ChunkVisit) -> None:
    """Raises Invalid when the form says what to do, but not to what: nothing is chosen for the reader."""
    act, form = visit.form.get("act"), visit.form
    if act == "move" and form.number("to") is None:
        raise Invalid(visit.reader("Choose the status to move to."))
    if act == "priority" and form.get("priority") not in (*PRIORITIES, NO_PRIORITY):
        raise Invalid(visit.reader("Choose the priority to set."))


def _one(visit: ChunkVisit, db: Writing, process_id: int) -> None:
    act, form = visit.form.get("act"), visit.form
    if act == "move":
        _move(visit, db, process_id)
    elif act == "priority":
        wanted = form.get("priority")
        service.patch(db, visit.caller, process_id, Patch({}, "" if wanted == NO_PRIORITY else wanted), now=visit.now)
    elif act == "tag":
        held = find(db, visit.caller, process_id)
        service.set_tags(db, visit.caller, process_id, fit({"tags": [*held.idea.tags, form.get("tag")]}, Tags).tags, now=visit.now)
    elif act == "follow":
        discussions.follow(db, visit.caller, process_id, wanted=True, now=visit.now)
    else:
        raise Invalid(visit.reader("Choose what is to be done."))


def _move(visit: ChunkVisit, db: Writing, process_id: int) -> None:
    """A process owner is named where an approval needs one; who has one keeps it."""
    form, status_id = visit.form, visit.form.number("to")
    held = find(db, visit.caller, process_id)
    lacks_owner = status_id in moves.APPROVED and held.idea.owner_user_id is None
    body = {"process_id": process_id, "phase_status_id": status_id, "reason": form.get("reason") or None}
    body["owner"] = form.get("owner") or None if lacks_owner else None
    moves.change_status(db, visit.caller, fit(body, StatusChange, lines=True), now=visit.now)
