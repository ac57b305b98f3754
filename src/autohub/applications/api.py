"""The calls about the application inventory (contract 3)."""

from typing import Any

from autohub.access.model import ANY_RIGHT, Right
from autohub.applications import service, store, tables
from autohub.applications.model import Application, ApplicationInput
from autohub.categories import store as category_store
from autohub.categories.model import category_paths
from autohub.kit.query import DRY_RUN, PAGING, SEARCH, Param, sorting
from autohub.kit.tablefile import MEDIA, choice_of
from autohub.kit.tablefile import PARAMS as TABLE_PARAMS
from autohub.web.routes import Paged, RawBody, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Application inventory")
MANAGE = (Right.MANAGE_APP_INVENTORY,)

_EXAMPLE = {
    "application_id": 4,
    "application_name": "Microsoft Dynamics 365",
    "application_version": "9.2",
    "application_language": "English",
    "application_code": "microsoft-dynamics-365-9.2",
    "application_is_active": 1,
    "application_comments": "",
    "application_is_citrix_client": 0,
    "application_added_by_end_user": 0,
    "category_ids": [3],
    "application_created_epoch": 1767225600000,
}


@routes(
    "GET",
    "/appinventory",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=Paged("applications", Application),
    params=(
        *PAGING,
        *SEARCH,
        *sorting(*store.SORTS),
        Param("category", "number", "Those filed under this category or below it.", multi=True),
    ),
    example={
        "page": 1,
        "pageSize": 20,
        "totalItems": 1,
        "totalPages": 1,
        "applications": [_EXAMPLE],
    },
)
def list_applications(request: ReadApiRequest) -> Any:
    """Lists the applications that assessments may name"""
    query = request.query
    found, total = store.list_applications(
        request.db,
        query.page,
        text=query.get("s"),
        category_ids=query.all("category"),
        sort=query.sort,
    )
    return query.page.envelope("applications", found, total)


@routes(
    "PUT",
    "/appinventory",
    rights=MANAGE,
    tenant_level=True,
    body=list[ApplicationInput],
    answer=dict[str, list[int]],
    body_example=[
        {
            "application_id": None,
            "application_name": "SAP S/4HANA",
            "application_version": "2023",
            "application_language": "English",
            "categoryIds": [3],
        }
    ],
    example={"application_ids": [5]},
    errors=(404,),
)
def save_applications(request: WriteApiRequest) -> dict[str, list[int]]:
    """Adds (null id) and changes (given id) applications, all or none

    The ids come back in the order of the body.
    """
    return {
        "application_ids": service.save_applications(
            request.db, request.caller, request.body, now=request.now
        )
    }


@routes(
    "POST",
    "/appinventory/import",
    rights=(MANAGE),
    tenant_level=True,
    body=RawBody,
    large=True,
    media=tuple(MEDIA),
    table_example=(tables.HEADINGS, ("Microsoft Dynamics 365", "9.2", "English", "Finance")),
    params=(DRY_RUN, *TABLE_PARAMS),
    answer=tables.Counts,
    example={"added": 1, "changed": 0, "unchanged": 12},
)
def import_applications(request: WriteApiRequest) -> tables.Counts:
    """Adds the applications of a table

    To those that are there is added what the table says of them: categories are joined, and an
    empty cell leaves what is there.
    """
    paths = category_paths(category_store.all_categories(request.db))
    found = tables.read(request.body.raw, paths, choice_of(request.query))
    dry_run = request.query.get("dryRun") == "true"
    return tables.put(request.db, request.caller, found, now=request.now, dry_run=dry_run)


@routes(
    "DELETE",
    "/appinventory/{application_id}",
    rights=MANAGE,
    tenant_level=True,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_application(request: WriteApiRequest) -> None:
    """Deletes an application that no idea and no component uses"""
    service.delete_application(request.db, request.caller, request.id, now=request.now)
