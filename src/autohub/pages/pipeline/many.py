"""What a selection of ideas can be given: another status, a priority, a tag, a follower."""

from collections.abc import Callable, Sequence
from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.db.engine import Writing
from autohub.discussions import service as discussions
from autohub.ideas import moves, service
from autohub.ideas.list_store import list_ideas
from autohub.ideas.model import Patch, StatusChange, Tags
from autohub.ideas.rights import AuthorizedIdea, find_idea
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.kit.text import N_
from autohub.pages.pipeline.filters import PARAMS, filters_of
from autohub.pages.pipeline.pages import show_pipeline
from autohub.pages.shared.model import NO_PRIORITY, PRIORITIES, REASONED
from autohub.pages.shared.selection import AT_ONCE, do_to_many
from autohub.web.page_requests import ChunkedPageRequest, PageRoutes, Redirect

routes = PageRoutes()
LABELS = {"owner": N_("Process owner"), "reason": N_("Reason"), "tags": N_("Tag")}


def _form_of_many(act: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Declares what a button under the list does to every idea that is picked."""
    return routes(
        "POST",
        f"/pipeline/many/{act}",
        rights=ANY_RIGHT,
        transaction="per_chunk",
        params=PARAMS,
        on_error=show_pipeline,
    )


@_form_of_many("move")
def move_selected_ideas(request: ChunkedPageRequest) -> Redirect:
    """A process owner is named where an approval needs one; an idea that has one keeps it."""
    form = request.form
    status_id = form.number("to")
    if status_id is None:
        raise Invalid(request.reader("Choose the status to move to."))
    if status_id in REASONED and not form.get("reason"):
        raise Invalid(
            request.reader("Say why."), details={"reason": [request.reader("needs an answer.")]}
        )

    def move(db: Writing, held: AuthorizedIdea) -> None:
        lacks_owner = status_id in moves.APPROVED and held.idea.owner_user_id is None
        body = {
            "process_id": held.idea.process_id,
            "phase_status_id": status_id,
            "reason": form.get("reason") or None,
            "owner": (form.get("owner") or None) if lacks_owner else None,
        }
        change = coerce(body, StatusChange, lines=True)
        moves.change_status(db, request.caller, held, change, now=request.now)

    text = request.reader
    return _change_selected(
        request, move, lambda n: text.plural("Moved %(num)s idea.", "Moved %(num)s ideas.", n)
    )


@_form_of_many("priority")
def set_priority_of_selected_ideas(request: ChunkedPageRequest) -> Redirect:
    wanted = request.form.get("priority")
    if wanted not in (*PRIORITIES, NO_PRIORITY):
        raise Invalid(request.reader("Choose the priority to set."))
    patch = Patch({}, "" if wanted == NO_PRIORITY else wanted)

    def set_priority(db: Writing, held: AuthorizedIdea) -> bool:
        if (held.idea.process_priority or "") == patch.process_priority:
            return False
        service.patch_idea(db, request.caller, held, patch, now=request.now)
        return True

    text = request.reader
    return _change_selected(
        request,
        set_priority,
        lambda n: text.plural(
            "Set the priority of %(num)s idea.", "Set the priority of %(num)s ideas.", n
        ),
    )


@_form_of_many("tag")
def tag_selected_ideas(request: ChunkedPageRequest) -> Redirect:
    """They keep the tags that they have."""

    def tag(db: Writing, held: AuthorizedIdea) -> None:
        tags = coerce({"tags": [*held.idea.tags, request.form.get("tag")]}, Tags).tags
        service.set_tags(db, request.caller, held, tags, now=request.now)

    text = request.reader
    return _change_selected(
        request, tag, lambda n: text.plural("Tagged %(num)s idea.", "Tagged %(num)s ideas.", n)
    )


@_form_of_many("follow")
def follow_selected_ideas(request: ChunkedPageRequest) -> Redirect:
    text = request.reader
    return _change_selected(
        request,
        lambda db, held: discussions.set_follow(
            db, request.caller, held, wanted=True, now=request.now
        ),
        lambda n: text.plural("You follow %(num)s idea now.", "You follow %(num)s ideas now.", n),
    )


def _change_selected(
    request: ChunkedPageRequest,
    change: Callable[[Writing, AuthorizedIdea], object],
    say_done: Callable[[int], str],
) -> Redirect:
    """Changes every idea that is picked, or with `all` every one that the address's filters
    hold."""
    picked: Sequence[int] = request.form.numbers("process_id")
    if request.form.flag("all"):
        with request.db.reading() as db:
            picked, _ = list_ideas(
                db,
                request.caller,
                filters_of(request),
                Part(AT_ONCE + 1, 0),
                sort=("process_name", False),
            )
    outcome = do_to_many(
        request,
        picked,
        lambda db, process_id: change(db, find_idea(db, request.caller, process_id)),
        labels=LABELS,
    )
    said = outcome.tell(say_done)
    following = request.form.get("next")
    return Redirect(following if following.startswith("/pipeline") else "/pipeline", said)
