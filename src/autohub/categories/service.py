"""Reading and replacing the tree (contract 3)."""

from collections.abc import Iterable, Mapping
from typing import Any

from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.audit.model import Action
from autohub.categories import store
from autohub.categories.model import (
    EXAMPLE_TREE,
    LEVELS,
    OTHER,
    CategoryInput,
    Hierarchy,
    PlacedCategory,
    place_nodes,
)
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Invalid
from autohub.kit.sentences import say


class CategoryInUse(Conflict):
    def __init__(self, used: list[tuple[int, str, str]]) -> None:
        names = ", ".join(
            f"“{name}” ({category_id}, by {what})" for category_id, name, what in used[:5]
        )
        more = f" and {len(used) - 5} more" if len(used) > 5 else ""
        super().__init__(
            say(
                "These categories are in use and cannot vanish: {names}{more}. Archive "
                "them instead.",
                names=names,
                more=more,
            )
        )


def get_hierarchy(db: Reading) -> Hierarchy:
    return Hierarchy(store.list_levels(db), store.load_tree(db))


def replace_tree(
    db: Writing, caller: Caller, tree: list[CategoryInput], *, now: int
) -> dict[str, int]:
    """Makes `tree` the whole tree. Ids that stay keep what is filed under them; what it leaves out
    is removed, but for the “Other” nodes, which every level in use has. Returns how many were
    added, changed and removed.

    Raises Invalid naming every fault, CategoryInUse for one that is in use and left out.
    """
    db.lock("categories")
    nodes = place_nodes(tree)
    known = store.all_categories(db)
    faults = {
        f"{p.field}.category_id": [
            say(
                "There is no category {category_id}; send null to add one.",
                category_id=p.node.category_id,
            )
        ]
        for p in nodes
        if p.node.category_id is not None and p.node.category_id not in known
    }
    if faults:
        raise Invalid("Some categories do not exist.", details=faults)
    nodes = _add_other_nodes(nodes, store.other_nodes(db))
    kept = {p.node.category_id for p in nodes}
    gone = [category_id for category_id in known if category_id not in kept]
    if used := store.list_uses(db, gone):
        raise CategoryInUse(used)
    added, changed = _write(db, nodes, known)
    store.delete_categories(db, gone)
    entries: list[tuple[Action, int, Any, Any]] = [
        ("add category", row["category_id"], None, _audit_facts(row)) for row in added
    ]
    entries += [
        (
            "change category",
            row["category_id"],
            _audit_facts(known[row["category_id"]]._mapping),
            _audit_facts(row),
        )
        for row in changed
    ]
    entries += [
        ("delete category", category_id, _audit_facts(known[category_id]._mapping), None)
        for category_id in gone
    ]
    who = actor(caller)
    audit.add_many(
        db,
        [
            audit.build_entry(
                who, action, "category", category_id, now=now, before=before, after=after, key=None
            )
            for action, category_id, before, after in entries
        ],
    )
    return {"added": len(added), "changed": len(changed), "removed": len(gone)}


def _audit_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """A category as the audit keeps it."""
    return {
        name: row[name]
        for name in (
            "category_name",
            "parent_id",
            "category_order_number",
            "category_is_active",
            "category_scope",
        )
    }


def _add_other_nodes(nodes: list[PlacedCategory], others: dict[int, int]) -> list[PlacedCategory]:
    """`nodes` with the “Other” node of every level that has nodes; those that the tree leaves
    out go under each other."""
    depth = max((p.level for p in nodes), default=1)
    at = {p.level: p for p in nodes if p.node.category_is_other}
    for level in range(1, depth + 1):
        if level not in at:
            above = at[level - 1].index if level > 1 else None
            order = 1 + max((p.order for p in nodes if p.parent == above), default=-1)
            node = CategoryInput(OTHER, category_id=others.get(level), category_is_other=1)
            at[level] = PlacedCategory(
                index=len(nodes),
                parent=above,
                level=level,
                order=order,
                field="categories",
                node=node,
            )
            nodes.append(at[level])
    return nodes


def _write(
    db: Writing, nodes: list[PlacedCategory], known: dict[int, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that were added and those that were changed."""
    fresh = iter(store.reserve_ids(db, sum(p.node.category_id is None for p in nodes)))
    ids: list[int] = []
    paths: list[str] = []
    added, changed = [], []
    for p in sorted(nodes, key=lambda p: p.index):
        category_id = next(fresh) if p.node.category_id is None else p.node.category_id
        ids.append(category_id)
        paths.append((paths[p.parent] if p.parent is not None else "") + f"{category_id}/")
        row = {
            "category_id": category_id,
            "parent_id": ids[p.parent] if p.parent is not None else None,
            "category_name": p.node.category_name,
            "category_level_id": p.level,
            "category_order_number": p.order,
            "category_is_other": p.node.category_is_other,
            "category_is_active": p.node.category_is_active,
            "category_scope": p.node.category_scope,
            "path": paths[-1],
        }
        if p.node.category_id is None:
            added.append(row)
        elif any(getattr(known[category_id], name) != value for name, value in row.items()):
            changed.append(row)
    store.insert_categories(db, added)
    store.update_categories(db, changed)
    return added, changed


def add_chains(
    db: Writing, caller: Caller, chains: Iterable[list[str]], *, now: int, dry_run: bool = False
) -> dict[str, int]:
    """Adds the categories that `chains` of names name and that are not there yet; nothing is
    changed or removed, and in a dry run nothing written.

    Raises Invalid for a chain that is too long or has a name that is.
    """
    tree = [to_input(node) for node in store.load_tree(db)]
    added = 0
    for chain in chains:
        siblings = tree
        for name in chain:
            node = next((n for n in siblings if _alike(n.category_name) == _alike(name)), None)
            if node is None:
                node = CategoryInput(name)
                siblings.append(node)
                added += 1
            siblings = node.subcategories
    if dry_run:
        return {"added": added, "changed": 0, "removed": 0}
    return replace_tree(db, caller, tree, now=now)


def _alike(name: str) -> str:
    return " ".join(name.split()).casefold()


def to_input(node: Any) -> CategoryInput:
    """A stored node, with all below it, as `replace` takes it."""
    return CategoryInput(
        category_name=node.category_name,
        category_id=node.category_id,
        category_is_other=node.category_is_other,
        category_is_active=node.category_is_active,
        category_scope=node.category_scope,
        subcategories=[to_input(child) for child in node.subcategories],
    )


def seed_categories(db: Writing, caller: Caller, *, now: int) -> None:
    """What a new installation starts with: the levels, and the example tree with ids from 1."""
    store.add_levels(db, LEVELS)
    replace_tree(
        db, caller, [_example(name, below) for name, below in EXAMPLE_TREE.items()], now=now
    )


def _example(name: str, below: dict[str, list[str]]) -> CategoryInput:
    children = [
        CategoryInput(child, subcategories=[CategoryInput(leaf) for leaf in leaves])
        for child, leaves in below.items()
    ]
    return CategoryInput(name, subcategories=children)
