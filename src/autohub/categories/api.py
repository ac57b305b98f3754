"""The calls about categories (contract 3)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.categories import service, store, tables
from autohub.categories.model import LEVELS, CategoryTree, Hierarchy, TreeChange
from autohub.kit.query import DRY_RUN
from autohub.kit.tablefile import MEDIA, choice_of
from autohub.kit.tablefile import PARAMS as TABLE_PARAMS
from autohub.web.routes import RawBody, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Categories")

_LEAF = {
    "category_id": 2,
    "category_name": "Accounts Payable",
    "category_level_id": 2,
    "category_order_number": 0,
    "category_is_other": 0,
    "category_is_active": 1,
    "category_scope": None,
    "subcategories": [],
}
_TOP = _LEAF | {
    "category_id": 1,
    "category_name": "Finance",
    "category_level_id": 1,
    "subcategories": [_LEAF],
}


@routes(
    "GET",
    "/hierarchy",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=Hierarchy,
    example={
        "levels": [
            {
                "category_level_id": 1,
                "category_level_name": "Business Area",
                "category_level_slug": "business-area",
            }
        ],
        "categories": [_TOP],
    },
)
def get_hierarchy(request: ReadApiRequest) -> Hierarchy:
    """Shows the levels and the whole category tree"""
    return service.get_hierarchy(request.db)


@routes(
    "POST",
    "/categories/import",
    rights=(Right.MANAGE_PLATFORM_SETUP,),
    tenant_level=True,
    body=RawBody,
    large=True,
    media=tuple(MEDIA),
    table_example=(tuple(name for _, name, _ in LEVELS)[:3], ("Finance", "Tax", "VAT")),
    params=(DRY_RUN, *TABLE_PARAMS),
    answer=TreeChange,
    example={"added": 3, "changed": 0, "removed": 0},
)
def import_categories(request: WriteApiRequest) -> dict[str, Any]:
    """Adds the categories of a table

    A level a column, under the names that the levels have; nothing is changed or removed. `note`
    is what must be said of how the file was read, if anything.
    """
    names = [level.category_level_name for level in store.list_levels(request.db)]
    found = tables.read_chains(request.body.raw, names, choice=choice_of(request.query))
    dry_run = request.query.get("dryRun") == "true"
    done = service.add_chains(
        request.db, request.caller, found.chains, now=request.now, dry_run=dry_run
    )
    return done | ({"note": found.note} if found.note else {})


@routes(
    "PUT",
    "/categories",
    subject_path="/hierarchy",
    rights=(Right.MANAGE_PLATFORM_SETUP,),
    tenant_level=True,
    large=True,
    body=CategoryTree,
    answer=TreeChange,
    body_example={
        "categories": [{"category_id": None, "category_name": "Research", "subcategories": []}]
    },
    example={"added": 1, "changed": 0, "removed": 0},
    errors=(409,),
)
def put_categories(request: WriteApiRequest) -> dict[str, int]:
    """Replaces the whole category tree

    The body has the shape that /hierarchy answers. Ids that stay keep what is filed under them,
    null adds; a category that is in use cannot vanish, but can be archived.
    """
    return service.replace_tree(
        request.db, request.caller, request.body.categories, now=request.now
    )
