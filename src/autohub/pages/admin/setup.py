"""Platform setup: the category tree, and costs."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from autohub.access.model import Right
from autohub.benefits import setup
from autohub.benefits.model import CostSetupChange, NewPrice, Rate
from autohub.categories import service as categories
from autohub.categories import store as category_store
from autohub.categories import tables
from autohub.categories.model import CategoryInput
from autohub.db.engine import Writing
from autohub.kit import tabular
from autohub.kit.errors import Invalid, NotFound
from autohub.kit.jsonbody import coerce
from autohub.kit.text import N_
from autohub.pages.admin import uploads
from autohub.web.page_requests import (
    ChunkedPageRequest,
    Download,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
TREE, COSTS = "/admin/setup/categories", "/admin/setup/costs"
SETUP = (Right.MANAGE_PLATFORM_SETUP,)


# --- categories ---


def show_tree(request: ReadPageRequest) -> RenderedPage:
    found = categories.get_hierarchy(request.db)
    used = {
        category_id
        for category_id, _, _ in category_store.list_uses(
            request.db, list(category_store.all_categories(request.db))
        )
    }
    return request.page("categories.html", tree=found.categories, levels=found.levels, used=used)


routes("GET", TREE, rights=SETUP)(show_tree)


def _load_nodes(db: Any) -> list[CategoryInput]:
    return [categories.to_input(node) for node in category_store.load_tree(db)]


def _change_tree(
    request: WritePageRequest, work: Callable[[list[CategoryInput]], None]
) -> dict[str, int]:
    """Reads the whole tree, lets `work` change it, and writes it back with all its rules."""
    db: Writing = request.db
    db.lock("categories")
    nodes = _load_nodes(db)
    work(nodes)
    return categories.replace_tree(db, request.caller, nodes, now=request.now)


def _find_node(nodes: list[CategoryInput], category_id: int) -> tuple[list[CategoryInput], int]:
    """The siblings among which a category stands, and its place. Raises NotFound."""
    waiting = [nodes]
    while waiting:
        siblings = waiting.pop()
        for place, node in enumerate(siblings):
            if node.category_id == category_id:
                return siblings, place
            waiting.append(node.subcategories)
    raise NotFound("There is no such category.")


@routes("POST", f"{TREE}/add", rights=SETUP, on_error=show_tree)
def add_category(request: WritePageRequest) -> Redirect:
    name, parent = request.form.get("category_name"), request.form.number("parent_id")
    new = coerce({"category_name": name}, CategoryInput)

    def work(nodes: list[CategoryInput]) -> None:
        if parent is None:
            nodes.append(new)
        else:
            siblings, place = _find_node(nodes, parent)
            siblings[place].subcategories.append(new)

    _change_tree(request, work)
    return Redirect(TREE, request.reader("“%s” is added.") % name)


def _change_category(
    request: WritePageRequest,
    change: Callable[[list[CategoryInput], list[CategoryInput], int], None],
) -> Redirect:
    """Lets `change` work on the whole tree, the category's siblings and its place among them."""
    _change_tree(request, lambda nodes: change(nodes, *_find_node(nodes, request.id)))
    return Redirect(TREE, request.reader("The tree is saved."))


@routes("POST", f"{TREE}/{{category}}/rename", rights=SETUP, on_error=show_tree)
def rename_category(request: WritePageRequest) -> Redirect:
    names = coerce({"category_name": request.form.get("category_name")}, CategoryInput)

    def rename(_: list[CategoryInput], siblings: list[CategoryInput], place: int) -> None:
        siblings[place].category_name = names.category_name

    return _change_category(request, rename)


def _step_category(request: WritePageRequest, step: int) -> Redirect:
    """Changes places with the sibling before (-1) or after (1); the ends stay where they are."""

    def swap(_: list[CategoryInput], siblings: list[CategoryInput], place: int) -> None:
        to = place + step
        if 0 <= to < len(siblings):
            siblings[place], siblings[to] = siblings[to], siblings[place]

    return _change_category(request, swap)


@routes("POST", f"{TREE}/{{category}}/up", rights=SETUP, on_error=show_tree)
def move_category_up(request: WritePageRequest) -> Redirect:
    return _step_category(request, -1)


@routes("POST", f"{TREE}/{{category}}/down", rights=SETUP, on_error=show_tree)
def move_category_down(request: WritePageRequest) -> Redirect:
    return _step_category(request, 1)


@routes("POST", f"{TREE}/{{category}}/switch", rights=SETUP, on_error=show_tree)
def switch_category(request: WritePageRequest) -> Redirect:
    """Archives a category, or brings it back."""

    def switch(_: list[CategoryInput], siblings: list[CategoryInput], place: int) -> None:
        siblings[place].category_is_active = request.form.flag("category_is_active")

    return _change_category(request, switch)


@routes("POST", f"{TREE}/{{category}}/delete", rights=SETUP, on_error=show_tree)
def delete_category(request: WritePageRequest) -> Redirect:
    def delete(_: list[CategoryInput], siblings: list[CategoryInput], place: int) -> None:
        del siblings[place]

    return _change_category(request, delete)


@routes("POST", f"{TREE}/{{category}}/move", rights=SETUP, on_error=show_tree)
def move_category(request: WritePageRequest) -> Redirect:
    return _change_category(request, lambda *found: _move_node(request, *found))


def _move_node(
    request: PageRequest[Any], nodes: list[CategoryInput], siblings: list[CategoryInput], place: int
) -> None:
    """Puts a category under another one (none: to the top), before one of its new siblings or at
    their end."""
    node = siblings.pop(place)
    parent, before = request.form.number("parent_id"), request.form.number("before_id")
    if parent is None:
        among = nodes
    else:
        try:
            others, at = _find_node(nodes, parent)
        except NotFound:
            raise Invalid(request.reader("A category cannot stand below itself.")) from None
        among = others[at].subcategories
    where = next((n for n, other in enumerate(among) if other.category_id == before), len(among))
    among.insert(where, node)


@routes("GET", f"{TREE}/export", rights=SETUP)
def export_tree(request: ReadPageRequest) -> Download:
    levels = category_store.list_levels(request.db)
    rows: list[list[str | None]] = []

    def walk(nodes: Any, above: list[str | None]) -> None:
        for node in nodes:
            line = [*above, node.category_name]
            rows.append(line + [None] * (len(levels) - len(line)))
            walk(node.subcategories, line)

    walk(category_store.load_tree(request.db), [])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "categories.csv"
        tabular.write(path, "csv", [level.category_level_name for level in levels], rows)
        return Download("categories.csv", path.read_bytes(), "text/csv; charset=utf-8")


ADDED = N_("%s categories were added.")
WOULD_ADD = N_("Nothing is changed yet: %s categories would be added.")
_import = partial(
    routes, "POST", rights=SETUP, on_error=show_tree, transaction="per_chunk", uploads=True
)


@_import(f"{TREE}/import")
def import_tree(request: ChunkedPageRequest) -> Redirect:
    """Adds the categories that a table names, a level a column; nothing is changed or removed."""
    return _read_table(request, dry_run=False)


@_import(f"{TREE}/import/preview")
def preview_tree(request: ChunkedPageRequest) -> Redirect:
    """Says how many categories the table would add."""
    return _read_table(request, dry_run=True)


def _read_table(request: ChunkedPageRequest, *, dry_run: bool) -> Redirect:
    sent = uploads.read_upload(request)
    with request.db.reading() as db:
        levels = [level.category_level_name for level in category_store.list_levels(db)]
    found = tables.read_chains(sent.read(), levels, choice=sent.choice)
    done = request.db.write(
        lambda db: categories.add_chains(
            db, request.caller, found.chains, now=request.now, dry_run=dry_run
        )
    )
    said = request.reader(WOULD_ADD if dry_run else ADDED) % done["added"]
    return Redirect(TREE, f"{said} {request.reader(found.note)}".strip())


# --- costs ---


def show_cost_setup(request: ReadPageRequest) -> RenderedPage:
    return request.page("costs.html", setup=setup.get_setup(request.db))


routes("GET", COSTS, rights=SETUP)(show_cost_setup)


@routes("POST", COSTS, rights=SETUP, on_error=show_cost_setup)
def update_cost_setup(request: WritePageRequest) -> Redirect:
    """Saves what holds for all ideas."""
    form = request.form
    body: dict[str, Any] = {"currency": form.get("currency").upper()} | {
        name: form.decimal(name) for name in ("working_days", "working_hours") if form.get(name)
    }
    setup.update_setup(request.db, request.caller, coerce(body, CostSetupChange), now=request.now)
    return _costs_saved(request)


@routes("POST", f"{COSTS}/rates", rights=SETUP, on_error=show_cost_setup)
def set_rate(request: WritePageRequest) -> Redirect:
    form = request.form
    body = {
        "currency": form.get("currency").upper(),
        "rate": form.decimal("rate"),
        "valid_from": form.get("valid_from"),
    }
    setup.set_rate(request.db, request.caller, coerce(body, Rate), now=request.now)
    return _costs_saved(request)


@routes("POST", f"{COSTS}/prices", rights=SETUP, on_error=show_cost_setup)
def add_price(request: WritePageRequest) -> Redirect:
    form = request.form
    body: dict[str, Any] = {name: form.get(name) for name in ("kind", "vendor_name", "price_name")}
    body["kind"] = body["kind"] or "licence"
    body |= {"price": form.decimal("price"), "currency": form.get("currency").upper()}
    setup.add_price(request.db, request.caller, coerce(body, NewPrice), now=request.now)
    return _costs_saved(request)


@routes("POST", f"{COSTS}/prices/{{price}}/delete", rights=SETUP, on_error=show_cost_setup)
def delete_price(request: WritePageRequest) -> Redirect:
    setup.delete_price(request.db, request.caller, request.id, now=request.now)
    return _costs_saved(request)


def _costs_saved(request: WritePageRequest) -> Redirect:
    return Redirect(COSTS, request.reader("The costs are saved."))
