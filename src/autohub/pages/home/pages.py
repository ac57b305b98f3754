"""Explore, workspace, tasks, notifications, search, people and the leaderboard."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED
from autohub.db.engine import Reading
from autohub.drafts import service as drafts
from autohub.ideas import tasks_store
from autohub.ideas.list_store import Filters, list_first_ideas
from autohub.ideas.model import LIVE_PHASE
from autohub.ideas.rows_store import load_rows
from autohub.ideas.visibility_store import visible
from autohub.kit.errors import NotFound
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_
from autohub.leaderboard import store as leaderboard_store
from autohub.leaderboard.model import POINTS
from autohub.notifications import service as notices
from autohub.notifications.model import WORDS
from autohub.pages.home import store
from autohub.pages.home.model import TaskKind
from autohub.pages.shared import store as lists
from autohub.users import store as users
from autohub.web.page_requests import (
    LISTED,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
    sorts,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
SHOWN, TASKS_SHOWN, BEST = 6, 20, 50
TASKS = (
    # key, name, what to do, the list that holds them all
    (
        "review",
        N_("Review"),
        N_("Approve, reject, or mark as a duplicate."),
        "/pipeline?view=review&sort=-age",
    ),
    (
        "assess",
        N_("Assess"),
        N_("You own these: fill in the Detailed Assessment."),
        "/pipeline?phase=2&owner={me}&sort=-age",
    ),
    (
        "decide",
        N_("Decide"),
        N_("Approve, put on hold, or reject."),
        "/pipeline?view=decision&layout=chart",
    ),
    (
        "build",
        N_("Build"),
        N_("You lead these: keep their status up to date."),
        "/pipeline?view=implementation&sort=-age",
    ),
    ("rework", N_("Rework"), N_("A reviewer asked you for changes."), "/workspace"),
)
# --- explore ---


@routes("GET", "/explore", rights=ANY_RIGHT)
def show_explore(request: ReadPageRequest) -> RenderedPage:
    db, caller = request.db, request.caller
    new = list_first_ideas(db, caller, Filters(), SHOWN, sort=("process_created_epoch", True))
    runs = Filters(phase_ids=[LIVE_PHASE], not_retired=True)
    live = list_first_ideas(db, caller, runs, SHOWN, sort=("process_status_epoch", True))
    parts, _ = component_store.list_components(
        db,
        caller,
        Part(4, 0),
        text=None,
        statuses=[PUBLISHED],
        category_ids=[],
        sort=("component_id", True),
    )
    counted = lists.sum_by_phase(db, caller, Filters())
    running = lists.sum_by_phase(db, caller, runs)
    live_total, live_hours = running.get(LIVE_PHASE, (0, 0.0))
    return request.page(
        "explore.html",
        new=load_rows(db, new),
        live=load_rows(db, live),
        components=parts,
        total=sum(n for n, _ in counted.values()),
        live_total=live_total,
        live_hours=live_hours,
        waiting=tasks_store.count_tasks(db, caller),
        mine=store.list_submissions(db, caller, Part(1, 0))[1],
        leaderboard=leaderboard_store.is_switched_on(db),
        paths=category_paths(categories.all_categories(db)),
    )


# --- workspace ---

TABS = (
    ("submissions", N_("My submissions")),
    ("drafts", N_("Drafts")),
    ("collaborations", N_("My collaborations")),
    ("components", N_("My components")),
    ("following", N_("Following")),
)


@routes(
    "GET",
    "/workspace",
    rights=ANY_RIGHT,
    params=(*LISTED, Param("tab", "choice", "", choices=tuple(key for key, _ in TABS))),
)
def show_workspace(request: ReadPageRequest) -> RenderedPage:
    tab = request.query.get("tab") or "submissions"
    part = Part(min(request.query.page.limit, 200), request.query.page.offset)
    found: dict[str, Any] = {"rows": [], "drafts": [], "components": []}
    if tab == "drafts":
        found["drafts"], total = drafts.list_drafts(request.db, request.caller, part)
    elif tab == "components":
        found["components"], total = component_store.list_by_author(
            request.db, request.caller, request.caller.user_id or 0, part
        )
    else:
        listed = {
            "submissions": store.list_submissions,
            "collaborations": store.list_collaborations,
            "following": store.list_followed,
        }[tab]
        ids, total = listed(request.db, request.caller, part)
        found["rows"] = load_rows(request.db, ids)
    return request.page(
        "workspace.html",
        tab=tab,
        tabs=TABS,
        total=total,
        paths=category_paths(categories.all_categories(request.db)),
        **found,
    )


# --- tasks and notifications ---


@routes("GET", "/tasks", rights=ANY_RIGHT)
def show_tasks(request: ReadPageRequest) -> RenderedPage:
    found = []
    rows: dict[int, Any] = {}
    for key, name, hint, more in TASKS:
        ids, total = tasks_store.list_tasks(request.db, request.caller, key, limit=TASKS_SHOWN)
        if total:
            found.append(
                TaskKind(
                    key=key,
                    name=name,
                    hint=hint,
                    ids=ids,
                    total=total,
                    more=more.format(me=request.caller.user_id),
                )
            )
            rows |= {row.process_id: row for row in load_rows(request.db, ids)}
    return request.page(
        "tasks.html",
        tasks=found,
        rows=rows,
        paths=category_paths(categories.all_categories(request.db)),
    )


@routes("GET", "/notifications", rights=ANY_RIGHT, params=LISTED)
def show_notifications(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, 200), request.query.page.offset)
    seen = visible(request.db, request.caller)
    found, total = notices.list_notifications(request.db, request.caller, part, seen)
    return request.page(
        "notifications.html",
        found=found,
        total=total,
        words=WORDS,
        unread=notices.count_unread(request.db, request.caller, seen),
    )


@routes("POST", "/notifications/read", rights=ANY_RIGHT)
def mark_notification_read(request: WritePageRequest) -> Redirect:
    """Marks one as read and leads to its idea, or marks them all."""
    number = request.form.number("notification_id")
    notices.mark_read(request.db, request.caller, number, now=request.now)
    idea = request.form.number("process_id")
    return Redirect(f"/automation-profile/{idea}" if idea else "/notifications")


@routes("GET", "/counts", rights=ANY_RIGHT)
def show_counts(request: ReadPageRequest) -> RenderedPage:
    """The two numbers of the top bar."""
    return request.page(
        "counts.html",
        tasks=tasks_store.count_tasks(request.db, request.caller),
        told=notices.count_unread(request.db, request.caller, visible(request.db, request.caller)),
    )


# --- people ---


def list_active_people(db: Reading, text: str | None, limit: int) -> list[Any]:
    """Active people whose name, address or place in the organisation holds the text."""
    found, _ = list_people_page(db, text, Part(limit, 0), ("user_last_name", False))
    return found


def list_people_page(
    db: Reading, text: str | None, part: Part, sort: tuple[str | None, bool]
) -> tuple[list[Any], int]:
    return users.list_users(
        db, part, text=text, filters={}, statuses="active", role_ids=[], sort=sort, trashed=False
    )


SORTED_BY = {
    "name": "user_last_name",
    "title": "user_job_title",
    "unit": "user_business_unit",
    "department": "user_department",
}


@routes("GET", "/people", rights=ANY_RIGHT, params=(*LISTED, sorts(*SORTED_BY)))
def show_people(request: ReadPageRequest) -> RenderedPage:
    field, down = request.sort
    part = Part(min(request.query.page.limit, 200), request.query.page.offset)
    found, total = list_people_page(
        request.db, request.query.get("s"), part, (SORTED_BY[field or "name"], down)
    )
    return request.page(
        "people.html",
        found=found,
        total=total,
        leaderboard=leaderboard_store.is_switched_on(request.db),
    )


@routes("GET", "/people/options", rights=ANY_RIGHT, params=LISTED)
def suggest_people(request: ReadPageRequest) -> RenderedPage:
    """Suggestions for a field that names a person."""
    text = request.query.get("s")
    return request.page(
        "people-options.html", found=list_active_people(request.db, text, 10) if text else []
    )


@routes("GET", "/leaderboard/best", rights=ANY_RIGHT)
def show_best(request: ReadPageRequest) -> RenderedPage:
    """The first five, which Explore brings a moment later: they take all ideas together."""
    found = (
        leaderboard_store.list_leaderboard(request.db, business_unit=None, limit=5)
        if leaderboard_store.is_switched_on(request.db)
        else []
    )
    return request.page("leaderboard-best.html", best=found)


@routes("GET", "/leaderboard", rights=ANY_RIGHT, params=(*LISTED, Param("bu", "text", "")))
def show_leaderboard(request: ReadPageRequest) -> RenderedPage:
    if not leaderboard_store.is_switched_on(request.db):
        raise NotFound(request.reader("The leaderboard is switched off here."))
    mine = users.get_detail(request.db, request.caller.user_id or 0)
    unit = request.query.get("bu")
    return request.page(
        "leaderboard.html",
        found=leaderboard_store.list_leaderboard(request.db, business_unit=unit, limit=BEST),
        unit=unit,
        my_unit=mine.user_business_unit if mine else None,
        points=POINTS,
    )
