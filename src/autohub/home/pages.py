"""Explore, workspace, tasks, notifications, search, people and the leaderboard."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED
from autohub.db.engine import Reading
from autohub.drafts import service as drafts
from autohub.flows import store as flows
from autohub.home import store
from autohub.home.model import POINTS, Task
from autohub.ideas import store as ideas
from autohub.ideas.store import Filters
from autohub.kit.errors import NotFound
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.kit.text import N_, fold
from autohub.notices import service as notices
from autohub.notices.model import WORDS
from autohub.pipeline import store as lists
from autohub.pipeline.model import category_paths
from autohub.users import store as users
from autohub.web.desk import ADMIN_RIGHTS
from autohub.web.pages import Page
from autohub.web.views import LISTED, ReadVisit, See, Views, Visit, WriteVisit, sorts

views = Views()
SHOWN, TASKS_SHOWN, BEST = 6, 20, 50
TASKS = (
    # key, name, what to do, the list that holds them all
    ("review", N_("Review"), N_("Approve, reject, or mark as a duplicate."), "/pipeline?view=review&sort=-age"),
    ("assess", N_("Assess"), N_("You own these: fill in the Detailed Assessment."), "/pipeline?phase=2&owner={me}&sort=-age"),
    ("decide", N_("Decide"), N_("Approve, put on hold, or reject."), "/pipeline?view=decision&layout=chart"),
    ("build", N_("Build"), N_("You lead these: keep their status up to date."), "/pipeline?view=implementation&sort=-age"),
    ("rework", N_("Rework"), N_("A reviewer asked you for changes."), "/workspace"),
)
PAGES = (
    # what the search finds besides ideas and people: name, address, the right that is needed
    (N_("Explore"), "/explore", None),
    (N_("Pipeline"), "/pipeline", None),
    (N_("Submit an idea"), "/submit", None),
    (N_("Workspace: my submissions"), "/workspace", None),
    (N_("Workspace: my drafts"), "/workspace?tab=drafts", None),
    (N_("Automation store"), "/store", None),
    (N_("Reusable components"), "/components", None),
    (N_("My tasks"), "/tasks", None),
    (N_("Notifications"), "/notifications", None),
    (N_("People"), "/people", None),
    (N_("Leaderboard"), "/leaderboard", None),
    (N_("Your account and password"), "/account", None),
    (N_("Dashboards"), "/dashboards", (Right.VIEW_DASHBOARDS,)),
    (N_("Admin console"), "/admin", ADMIN_RIGHTS),
    (N_("Users: assign roles"), "/admin/access/users", (Right.MANAGE_USERS,)),
    (N_("Add a user"), "/admin/access/users/add", (Right.MANAGE_USERS,)),
    (N_("Import users"), "/admin/access/import", (Right.MANAGE_USERS,)),
    (N_("Roles"), "/admin/access/roles", (Right.MANAGE_USERS,)),
    (N_("Collaborator roles"), "/admin/access/collaborator-roles", (Right.MANAGE_USERS_ROLES,)),
    (N_("Groups"), "/admin/access/groups", (Right.MANAGE_USERS,)),
    (N_("Categories"), "/admin/setup/categories", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Applications"), "/admin/setup/applications", (Right.MANAGE_APP_INVENTORY,)),
    (N_("Documents: types and templates"), "/admin/setup/documents", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Costs: currency, rates and prices"), "/admin/setup/costs", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Assessments"), "/admin/setup/assessments", (Right.CUSTOMIZE_ASSESSMENTS,)),
    (N_("Idea flows, phases and statuses"), "/admin/setup/flows", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Import pipeline"), "/admin/setup/import", (Right.IMPORT_PIPELINE,)),
    (N_("Account: the whole organisation"), "/admin/account", (Right.TENANT_SETTINGS,)),
    (N_("Integrations"), "/admin/integrations", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Open API tokens"), "/admin/open-api", None),
    (N_("Audit log"), "/admin/audit", (Right.AUDIT_LOGS,)),
)


# --- explore ---


@views("GET", "/explore", rights=ANY_RIGHT)
def explore(visit: ReadVisit) -> Page:
    db, caller = visit.db, visit.caller
    new = ideas.first(db, caller, Filters(), SHOWN, sort=("process_created_epoch", True))
    running = [i for i, status in flows.statuses(db).items() if status.phase_id == ideas.LIVE_PHASE]
    live = ideas.first(db, caller, Filters(status_ids=running), SHOWN, sort=("process_status_epoch", True))
    parts, _ = component_store.page(db, caller, Part(4, 0), text=None, statuses=[PUBLISHED], category_ids=[], sort=("component_id", True))
    counted = lists.by_phase(db, caller, Filters())
    live_total, live_hours = counted.get(ideas.LIVE_PHASE, (0, 0.0))
    return visit.page(
        "explore.html",
        new=lists.rows(db, new),
        live=lists.rows(db, live),
        components=parts,
        total=sum(n for n, _ in counted.values()),
        live_total=live_total,
        live_hours=live_hours,
        waiting=store.count_waiting(db, caller),
        mine=store.submissions(db, caller, Part(1, 0))[1],
        leaderboard=store.leaderboard_is_on(db),
        paths=category_paths(categories.all_(db)),
    )


# --- workspace ---

TABS = (
    ("submissions", N_("My submissions")),
    ("drafts", N_("Drafts")),
    ("collaborations", N_("My collaborations")),
    ("components", N_("My components")),
    ("following", N_("Following")),
)


@views("GET", "/workspace", rights=ANY_RIGHT, params=(*LISTED, Param("tab", "choice", "", choices=tuple(key for key, _ in TABS))))
def workspace(visit: ReadVisit) -> Page:
    tab = visit.query.get("tab") or "submissions"
    part = Part(min(visit.query.page.limit, 200), visit.query.page.offset)
    found: dict[str, Any] = {"rows": [], "drafts": [], "components": []}
    if tab == "drafts":
        found["drafts"], total = drafts.listed(visit.db, visit.caller, part)
    elif tab == "components":
        found["components"], total = component_store.by_author(visit.db, visit.caller, visit.caller.user_id or 0, part)
    else:
        listed = {"submissions": store.submissions, "collaborations": store.collaborations, "following": store.followed}[tab]
        ids, total = listed(visit.db, visit.caller, part)
        found["rows"] = lists.rows(visit.db, ids)
    return visit.page("workspace.html", tab=tab, tabs=TABS, total=total, paths=category_paths(categories.all_(visit.db)), **found)


# --- tasks and notifications ---


@views("GET", "/tasks", rights=ANY_RIGHT)
def tasks(visit: ReadVisit) -> Page:
    found = []
    rows: dict[int, Any] = {}
    for key, name, hint, more in TASKS:
        ids, total = store.tasks(visit.db, visit.caller, key, limit=TASKS_SHOWN)
        if total:
            found.append(Task(key, name, hint, ids, total, more.format(me=visit.caller.user_id)))
            rows |= {row.process_id: row for row in lists.rows(visit.db, ids)}
    return visit.page("tasks.html", tasks=found, rows=rows, paths=category_paths(categories.all_(visit.db)))


@views("GET", "/notifications", rights=ANY_RIGHT, params=LISTED)
def told(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, 200), visit.query.page.offset)
    found, total = notices.shown(visit.db, visit.caller, part)
    return visit.page("notifications.html", found=found, total=total, words=WORDS, unread=notices.unread(visit.db, visit.caller))


@views("POST", "/notifications/read", rights=ANY_RIGHT)
def read(visit: WriteVisit) -> See:
    """Marks one as read and leads to its idea, or marks them all."""
    number = visit.form.number("notification_id")
    notices.mark_read(visit.db, visit.caller, number, now=visit.now)
    idea = visit.form.number("process_id")
    return See(f"/automation-profile/{idea}" if idea else "/notifications")


@views("GET", "/counts", rights=ANY_RIGHT)
def counts(visit: ReadVisit) -> Page:
    """The two numbers of the top bar."""
    return visit.page("counts.html", tasks=store.count_waiting(visit.db, visit.caller), told=notices.unread(visit.db, visit.caller))


# --- search ---


@views("GET", "/search", rights=ANY_RIGHT, params=LISTED)
def search(visit: ReadVisit) -> Page:
    text = visit.query.get("s") or ""
    found: list[int] = []
    people: list[Any] = []
    places: list[tuple[int, str]] = []
    pages: list[tuple[str, str]] = []
    if text:
        ids, _ = ideas.page(visit.db, visit.caller, Filters(text=text), Part(8, 0), sort=("process_updated_epoch", True))
        found = list(ids)
        people = active_people(visit.db, text, 5)
        words = fold(text).split()
        paths = category_paths(categories.all_(visit.db))
        places = [(i, path) for i, path in sorted(paths.items(), key=lambda pair: pair[1]) if all(w in fold(path) for w in words)][:5]
        pages = [(name, href) for name, href, rights in PAGES if all(w in fold(visit.reader(name)) for w in words) and _open(visit, rights)]
    return visit.page("search.html", text=text, rows=lists.rows(visit.db, found), people=people, places=places, pages=pages[:5])


def _open(visit: Visit[Any], rights: tuple[Right, ...] | None) -> bool:
    return rights is None or any(visit.may(right) for right in rights)


# --- people ---


def active_people(db: Reading, text: str | None, limit: int) -> list[Any]:
    """Active people whose name, address or place in the organisation holds the text."""
    found, _ = people_page(db, text, Part(limit, 0), ("user_last_name", False))
    return found


def people_page(db: Reading, text: str | None, part: Part, sort: tuple[str | None, bool]) -> tuple[list[Any], int]:
    return users.page(db, part, text=text, filters={}, statuses="active", role_ids=[], sort=sort, trashed=False)


SORTED_BY = {"name": "user_last_name", "title": "user_job_title", "unit": "user_business_unit", "department": "user_department"}


@views("GET", "/people", rights=ANY_RIGHT, params=(*LISTED, sorts(*SORTED_BY)))
def people(visit: ReadVisit) -> Page:
    field, down = visit.sort
    part = Part(min(visit.query.page.limit, 200), visit.query.page.offset)
    found, total = people_page(visit.db, visit.query.get("s"), part, (SORTED_BY[field or "name"], down))
    return visit.page("people.html", found=found, total=total, leaderboard=store.leaderboard_is_on(visit.db))


@views("GET", "/people/options", rights=ANY_RIGHT, params=LISTED)
def options(visit: ReadVisit) -> Page:
    """Suggestions for a field that names a person."""
    text = visit.query.get("s")
    return visit.page("people-options.html", found=active_people(visit.db, text, 10) if text else [])


@views("GET", "/leaderboard/best", rights=ANY_RIGHT)
def best(visit: ReadVisit) -> Page:
    """The first five, which Explore brings a moment later: they take all ideas together."""
    found = store.leaderboard(visit.db, business_unit=None, limit=5) if store.leaderboard_is_on(visit.db) else []
    return visit.page("leaderboard-best.html", best=found)


@views("GET", "/leaderboard", rights=ANY_RIGHT, params=(*LISTED, Param("bu", "text", "")))
def leaderboard(visit: ReadVisit) -> Page:
    if not store.leaderboard_is_on(visit.db):
        raise NotFound(visit.reader("The leaderboard is switched off here."))
    mine = users.detail(visit.db, visit.caller.user_id or 0)
    unit = visit.query.get("bu")
    return visit.page(
        "leaderboard.html",
        found=store.leaderboard(visit.db, business_unit=unit, limit=BEST),
        unit=unit,
        my_unit=mine.user_business_unit if mine else None,
        points=POINTS,
    )
