"""The search over everything: ideas, people, categories, components, roles and pages."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from autohub.access import store as access
from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import store as categories
from autohub.categories.model import category_paths
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED
from autohub.ideas.list_store import Filters, list_ideas
from autohub.ideas.model import name_key
from autohub.ideas.rights import find_idea
from autohub.ideas.rows_store import load_rows
from autohub.kit.errors import NotFound
from autohub.kit.query import Page as Part
from autohub.kit.text import N_, search_form
from autohub.pages.home.pages import list_active_people
from autohub.web.page_presenter import ADMIN_RIGHTS
from autohub.web.page_requests import LISTED, PageRequest, PageRoutes, ReadPageRequest
from autohub.web.pages import RenderedPage

routes = PageRoutes()
FOUND = 8
NUMBERED = re.compile(r"(?:no\.?\s*|#|[\w-]+-)?(\d{1,15})", re.IGNORECASE)
"""'74', 'No. 74', '#74' and a slug, as a profile and its address show them."""
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
    (
        N_("Documents: types and templates"),
        "/admin/setup/documents",
        (Right.MANAGE_PLATFORM_SETUP,),
    ),
    (N_("Costs: currency, rates and prices"), "/admin/setup/costs", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Assessments"), "/admin/setup/assessments", (Right.CUSTOMIZE_ASSESSMENTS,)),
    (N_("Idea flows, phases and statuses"), "/admin/setup/flows", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Import pipeline"), "/admin/setup/import", (Right.IMPORT_PIPELINE,)),
    (N_("Account: the whole organisation"), "/admin/account", (Right.TENANT_SETTINGS,)),
    (N_("Integrations"), "/admin/integrations", (Right.MANAGE_PLATFORM_SETUP,)),
    (N_("Open API tokens"), "/admin/open-api", None),
    (N_("Audit log"), "/admin/audit", (Right.AUDIT_LOGS,)),
)


@routes("GET", "/search", rights=ANY_RIGHT, params=LISTED)
def search_all(request: ReadPageRequest) -> RenderedPage:
    text = request.query.get("s") or ""
    found: list[int] = []
    people: list[Any] = []
    places: list[tuple[int, str]] = []
    pages: list[tuple[str, str]] = []
    components: list[Any] = []
    roles: list[str] = []
    if text:
        found = _find_ideas(request, text)
        people = list_active_people(request.db, text, 5)
        words = search_form(text).split()
        paths = category_paths(categories.all_categories(request.db))
        places = [
            (i, path)
            for i, path in sorted(paths.items(), key=lambda pair: pair[1])
            if all(w in search_form(path) for w in words)
        ][:5]
        components, _ = component_store.list_components(
            request.db,
            request.caller,
            Part(5, 0),
            text=text,
            statuses=[PUBLISHED],
            category_ids=[],
            sort=("component_id", True),
        )
        if request.may(Right.MANAGE_USERS_ROLES):
            names = [request.reader(role["role_name"]) for role in access.all_roles(request.db)]
            roles = [name for name in names if all(w in search_form(name) for w in words)]
        pages = [
            (name, href)
            for name, href, rights in PAGES
            if all(w in search_form(request.reader(name)) for w in words)
            and _count_open(request, rights)
        ]
    return request.page(
        "search.html",
        text=text,
        rows=load_rows(request.db, found),
        people=people,
        places=places,
        components=components,
        roles=roles[:5],
        pages=pages[:5],
    )


def _find_ideas(request: ReadPageRequest, text: str) -> list[int]:
    """The first ideas: the one of this number or slug, those with the text in their name, the
    names that begin with it before all others, and then what else holds it."""
    named, _ = list_ideas(
        request.db,
        request.caller,
        Filters(name_holds=text),
        Part(FOUND, 0),
        sort=("process_name", False),
    )
    rows = load_rows(request.db, named)
    key = name_key(text)
    rows.sort(key=lambda row: not name_key(row.process_name).startswith(key))
    others: Sequence[int] = ()
    if len(rows) < FOUND:
        others, _ = list_ideas(
            request.db,
            request.caller,
            Filters(text=text),
            Part(FOUND, 0),
            sort=("process_updated_epoch", True),
        )
    ids = [row.process_id for row in rows] + [*others]
    if number := NUMBERED.fullmatch(text.strip()):
        with suppress(NotFound):
            ids.insert(0, find_idea(request.db, request.caller, int(number[1])).idea.process_id)
    return list(dict.fromkeys(ids))[:FOUND]


def _count_open(request: PageRequest[Any], rights: tuple[Right, ...] | None) -> bool:
    return rights is None or any(request.may(right) for right in rights)
