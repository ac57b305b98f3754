"""What a selection of ideas can be given: another status, a priority, a tag, a follower."""

from collections.abc import Sequence

from autohub.access.model import ANY_RIGHT
from autohub.db.engine import Writing
from autohub.discussions import service as discussions
from autohub.ideas import moves, service
from autohub.ideas import store as ideas
from autohub.ideas.model import Patch, StatusChange, Tags
from autohub.ideas.rights import find_idea
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.pages.pipeline.filters import filters_of
from autohub.pages.pipeline.pages import PARAMS, show_pipeline_again
from autohub.pages.shared.model import NO_PRIORITY, PRIORITIES
from autohub.pages.shared.selection import AT_ONCE, do_to_many
from autohub.web.page_requests import ChunkedPageRequest, PageRoutes, Redirect

routes = PageRoutes()


@routes(
    "POST",
    "/pipeline/many",
    rights=ANY_RIGHT,
    transaction="per_chunk",
    params=PARAMS,
    on_error=show_pipeline_again,
)
def change_selected_ideas(request: ChunkedPageRequest) -> Redirect:
    """Does one thing to every idea that is picked, or with `all` to every one that the address's
    filters hold."""
    _check_chosen(request)
    picked: Sequence[int] = request.form.numbers("process_id")
    if request.form.flag("all"):
        with request.db.reading() as db:
            picked, _ = ideas.list_ideas(
                db,
                request.caller,
                filters_of(request),
                Part(AT_ONCE + 1, 0),
                sort=("process_name", False),
            )
    done, refused = do_to_many(
        request, picked, lambda db, process_id: _change_one_idea(request, db, process_id)
    )
    said = request.reader("Done for %(done)s of %(all)s ideas.") % {
        "done": done,
        "all": len(picked),
    }
    following = request.form.get("next")
    return Redirect(
        following if following.startswith("/pipeline") else "/pipeline", f"{said} {refused}".strip()
    )


def _check_chosen(request: ChunkedPageRequest) -> None:
    """Raises Invalid when the form says what to do, but not to what: nothing is chosen for the
    reader."""
    act, form = request.form.get("act"), request.form
    if act == "move" and form.number("to") is None:
        raise Invalid(request.reader("Choose the status to move to."))
    if act == "priority" and form.get("priority") not in (*PRIORITIES, NO_PRIORITY):
        raise Invalid(request.reader("Choose the priority to set."))


def _change_one_idea(request: ChunkedPageRequest, db: Writing, process_id: int) -> None:
    act, form = request.form.get("act"), request.form
    if act == "move":
        _move(request, db, process_id)
    elif act == "priority":
        wanted = form.get("priority")
        service.patch_idea(
            db,
            request.caller,
            process_id,
            Patch({}, "" if wanted == NO_PRIORITY else wanted),
            now=request.now,
        )
    elif act == "tag":
        held = find_idea(db, request.caller, process_id)
        service.set_tags(
            db,
            request.caller,
            process_id,
            coerce({"tags": [*held.idea.tags, form.get("tag")]}, Tags).tags,
            now=request.now,
        )
    elif act == "follow":
        discussions.set_follow(db, request.caller, process_id, wanted=True, now=request.now)
    else:
        raise Invalid(request.reader("Choose what is to be done."))


def _move(request: ChunkedPageRequest, db: Writing, process_id: int) -> None:
    """A process owner is named where an approval needs one; who has one keeps it."""
    form, status_id = request.form, request.form.number("to")
    held = find_idea(db, request.caller, process_id)
    lacks_owner = status_id in moves.APPROVED and held.idea.owner_user_id is None
    body = {
        "process_id": process_id,
        "phase_status_id": status_id,
        "reason": form.get("reason") or None,
    }
    body["owner"] = form.get("owner") or None if lacks_owner else None
    moves.change_status(db, request.caller, coerce(body, StatusChange, lines=True), now=request.now)
