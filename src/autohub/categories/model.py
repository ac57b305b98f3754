"""The category tree as the wire carries it, and its rules (contract 3)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from autohub.access.model import Flag, Id
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import fold

LEVELS = (
    (1, "Business Area", "business-area"),
    (2, "Category", "category"),
    (3, "Sub-Category", "sub-category"),
    (4, "Sub-Category 2", "sub-category-2"),
    (5, "Sub-Category 3", "sub-category-3"),
)
MAX_CATEGORIES = 50_000
MAX_NAME = 50
OTHER = "Other"

EXAMPLE_TREE = {
    "Finance": {
        "Accounts Payable": ["Invoices", "Travel expenses"],
        "Accounts Receivable": ["Dunning", "Cash application"],
    },
    "Human Resources": {"Recruiting": ["Screening", "Onboarding"], "Payroll": ["Time sheets"]},
    "Operations": {
        "Procurement": ["Orders"],
        "Customer Service": ["Claims", "Enquiries"],
        "Logistics": [],
    },
    "Information Technology": {"Service Desk": ["Access requests"], "Infrastructure": []},
}
"""What a new installation starts with; ids are given in reading order from 1."""


class Category(msgspec.Struct):
    """One node with all below it; a leaf has an empty list."""

    category_id: int
    category_name: str
    category_level_id: int
    category_order_number: int
    category_is_other: int
    category_is_active: int
    category_scope: str | None
    subcategories: list["Category"]


class Level(msgspec.Struct):
    category_level_id: int
    category_level_name: str
    category_level_slug: str


class Hierarchy(msgspec.Struct):
    levels: list[Level]
    categories: list[Category]


class CategoryInput(msgspec.Struct):
    """One node of PUT /categories. `category_id` null adds; level and order follow from where it
    stands."""

    category_name: Annotated[str, Meta(min_length=1, max_length=50)]
    category_id: Id | None = None
    category_is_other: Flag = 0
    category_is_active: Flag = 1
    category_scope: Annotated[str, Meta(max_length=50)] | None = None
    subcategories: list["CategoryInput"] = []


class CategoryTree(msgspec.Struct):
    """The body of PUT /categories: the shape that GET /hierarchy answers."""

    categories: list[CategoryInput]


class TreeChange(msgspec.Struct):
    """How many categories a change of the tree touches; `note` is what must be said of how a
    table was read."""

    added: int
    changed: int
    removed: int
    note: str | UnsetType = UNSET


class PlacedCategory(msgspec.Struct):
    """A node of a wanted tree with its place: `index` in reading order, `parent` the index of
    the node above it."""

    index: int
    parent: int | None
    level: int
    order: int
    field: str
    node: CategoryInput


def place_nodes(tree: list[CategoryInput]) -> list[PlacedCategory]:
    """The nodes of `tree`, each above those below it. Raises Invalid naming every fault of the
    tree's form."""
    found: list[PlacedCategory] = []
    faults: dict[str, list[str]] = {}
    ids: set[int] = set()
    others: set[int] = set()

    def walk(nodes: list[CategoryInput], parent: int | None, level: int, field: str) -> None:
        names: set[str] = set()
        for order, node in enumerate(nodes):
            here = f"{field}.{order}"
            if level > len(LEVELS):
                faults[here] = [
                    say(
                        "is on level {level}; there are {count} levels.",
                        level=level,
                        count=len(LEVELS),
                    )
                ]
                continue
            if fold(node.category_name) in names:
                faults[f"{here}.category_name"] = [
                    say(
                        "“{category_name}” stands twice under the same node; names there "
                        "must differ.",
                        category_name=node.category_name,
                    )
                ]
            names.add(fold(node.category_name))
            if node.category_id is not None:
                if node.category_id in ids:
                    faults[f"{here}.category_id"] = [
                        say("{category_id} stands twice in the tree.", category_id=node.category_id)
                    ]
                ids.add(node.category_id)
            if node.category_is_other:
                if level in others:
                    faults[f"{here}.category_is_other"] = [
                        say(
                            "level {level} has an “{other}” node already; each level has one.",
                            level=level,
                            other=OTHER,
                        )
                    ]
                others.add(level)
            found.append(
                PlacedCategory(
                    index=len(found), parent=parent, level=level, order=order, field=here, node=node
                )
            )
            walk(node.subcategories, len(found) - 1, level + 1, f"{here}.subcategories")

    walk(tree, None, 1, "categories")
    if len(found) > MAX_CATEGORIES:
        faults["categories"] = [
            say(
                "hold {count} nodes; at most {max_categories} are kept.",
                count=len(found),
                max_categories=MAX_CATEGORIES,
            )
        ]
    if faults:
        raise Invalid("The tree is not right.", details=faults)
    return found


def shorten_names(names: Sequence[str]) -> dict[str, str]:
    """Each long name with a short one of its own: two that begin alike are told apart by a
    number."""
    short: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        kept, number = name[: MAX_NAME - 1].rstrip() + "…", 2
        while fold(kept) in taken:
            kept, number = f"{name[: MAX_NAME - 5].rstrip()}… {number}", number + 1
        taken.add(fold(kept))
        short[name] = kept
    return short


def category_chains(rows: Mapping[int, Any]) -> dict[int, list[int]]:
    """The ids from the top down to each category, out of every category's row."""
    return {i: [int(part) for part in row.path.split("/") if part] for i, row in rows.items()}


def category_paths(rows: Mapping[int, Any]) -> dict[int, str]:
    """'Finance › Accounts payable' by category id, out of every category's row."""
    return {
        i: " › ".join(rows[int(part)].category_name for part in row.path.split("/") if part)
        for i, row in rows.items()
    }
