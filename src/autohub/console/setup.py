"""Platform setup: the category tree, and costs."""

import tempfile
from collections.abc import Callable
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
from autohub.kit.jsonbody import fit
from autohub.web.pages import Page
from autohub.web.views import ChunkVisit, ReadVisit, See, Sent, Views, Visit, WriteVisit

views = Views()
TREE, COSTS = "/admin/setup/categories", "/admin/setup/costs"
SETUP = (Right.MANAGE_PLATFORM_SETUP,)
MOVES = ("up", "down", "archive", "restore", "delete")


# --- categories ---


def tree(visit: ReadVisit) -> Page:
    found = categories.hierarchy(visit.db)
    used = {category_id for category_id, _, _ in category_store.used(visit.db, list(category_store.all_(visit.db)))}
    return visit.page("categories.html", tree=found.categories, levels=found.levels, used=used)


views("GET", TREE, rights=SETUP)(tree)


def _nodes(db: Any) -> list[CategoryInput]:
    return [categories.as_input(node) for node in category_store.tree(db)]


def _changed(visit: WriteVisit, work: Callable[[list[CategoryInput]], None]) -> dict[str, int]:
    """Reads the whole tree, lets `work` change it, and writes it back with all its rules."""
    db: Writing = visit.db
    db.lock("categories")
    nodes = _nodes(db)
    work(nodes)
    return categories.replace(db, visit.caller, nodes, now=visit.now)


def _find(nodes: list[CategoryInput], category_id: int) -> tuple[list[CategoryInput], int]:
    """The siblings among which a category stands, and its place. Raises NotFound."""
    waiting = [nodes]
    while waiting:
        siblings = waiting.pop()
        for place, node in enumerate(siblings):
            if node.category_id == category_id:
                return siblings, place
            waiting.append(node.subcategories)
    raise NotFound("There is no such category.")


@views("POST", f"{TREE}/add", rights=SETUP, again=tree)
def add_category(visit: WriteVisit) -> See:
    name, parent = visit.form.get("category_name"), visit.form.number("parent_id")
    new = fit({"category_name": name}, CategoryInput)

    def work(nodes: list[CategoryInput]) -> None:
        if parent is None:
            nodes.append(new)
        else:
            siblings, place = _find(nodes, parent)
            siblings[place].subcategories.append(new)

    _changed(visit, work)
    return See(TREE, visit.reader("“%s” is added.") % name)


@views("POST", f"{TREE}/{{category}}", rights=SETUP, again=tree)
def change_category(visit: WriteVisit) -> See:
    """Renames a category, moves it among its siblings or under another one, archives it, brings it back, or deletes it."""
    form, act = visit.form, visit.form.get("act")

    def work(nodes: list[CategoryInput]) -> None:
        siblings, place = _find(nodes, visit.id)
        node = siblings[place]
        if act in ("up", "down"):
            to = place + (-1 if act == "up" else 1)
            if 0 <= to < len(siblings):
                siblings[place], siblings[to] = siblings[to], node
        elif act in ("archive", "restore"):
            node.category_is_active = int(act == "restore")
        elif act == "delete":
            del siblings[place]
        elif act == "move":
            _moved(visit, nodes, siblings, place)
        else:
            node.category_name = fit({"category_name": form.get("category_name")}, CategoryInput).category_name

    _changed(visit, work)
    return See(TREE, visit.reader("The tree is saved."))


def _moved(visit: Visit[Any], nodes: list[CategoryInput], siblings: list[CategoryInput], place: int) -> None:
    """Puts a category under another one (none: to the top), before one of its new siblings or at their end."""
    node = siblings.pop(place)
    parent, before = visit.form.number("parent_id"), visit.form.number("before_id")
    if parent is None:
        among = nodes
    else:
        try:
            others, at = _find(nodes, parent)
        except NotFound:
            raise Invalid(visit.reader("A category cannot stand below itself.")) from None
        among = others[at].subcategories
    where = next((n for n, other in enumerate(among) if other.category_id == before), len(among))
    among.insert(where, node)


@views("GET", f"{TREE}/export", rights=SETUP)
def export_tree(visit: ReadVisit) -> Sent:
    levels = category_store.levels(visit.db)
    rows: list[list[str | None]] = []

    def walk(nodes: Any, above: list[str | None]) -> None:
        for node in nodes:
            line = [*above, node.category_name]
            rows.append(line + [None] * (len(levels) - len(line)))
            walk(node.subcategories, line)

    walk(category_store.tree(visit.db), [])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "categories.csv"
        tabular.write(path, "csv", [level.category_level_name for level in levels], rows)
        return Sent("categories.csv", path.read_bytes(), "text/csv; charset=utf-8")


@views("POST", f"{TREE}/import", rights=SETUP, again=tree, transaction="chunks", uploads=True)
def import_tree(visit: ChunkVisit) -> See:
    """Adds the categories that a table names, a level a column; nothing is changed or removed."""
    sent = visit.form.files.get("file")
    if sent is None:
        raise Invalid(visit.reader("Nothing was read."), details={"file": [visit.reader("is required.")]})
    with visit.db.reading() as db:
        levels = [level.category_level_name for level in category_store.levels(db)]
    chains = tables.chains(tabular.rows_of(sent.path.read_bytes()), levels)
    done = visit.db.write(lambda db: categories.merge(db, visit.caller, chains, now=visit.now))
    return See(TREE, visit.reader("%s categories were added.") % done["added"])


# --- costs ---


def costs(visit: ReadVisit) -> Page:
    return visit.page("costs.html", setup=setup.read(visit.db))


views("GET", COSTS, rights=SETUP)(costs)


@views("POST", COSTS, rights=SETUP, again=costs)
def change_costs(visit: WriteVisit) -> See:
    form, act = visit.form, visit.form.get("act")
    currency = form.get("currency").upper()
    if act == "rate":
        body: dict[str, Any] = {"currency": currency, "rate": form.decimal("rate"), "valid_from": form.get("valid_from")}
        setup.set_rate(visit.db, visit.caller, fit(body, Rate), now=visit.now)
    elif act == "price":
        names = ("kind", "vendor_name", "price_name")
        body = {name: form.get(name) for name in names} | {"price": form.decimal("price"), "currency": currency}
        setup.add_price(visit.db, visit.caller, fit(body, NewPrice), now=visit.now)
    elif act == "drop":
        setup.remove_price(visit.db, visit.caller, form.number("price_id") or 0, now=visit.now)
    else:
        figures = {name: form.decimal(name) for name in ("working_days", "working_hours") if form.get(name)}
        setup.change(visit.db, visit.caller, fit({"currency": currency} | figures, CostSetupChange), now=visit.now)
    return See(COSTS, visit.reader("The costs are saved."))
