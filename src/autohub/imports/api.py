"""The import pipeline over the Open API; ours, beside the contract."""

import msgspec
from msgspec import UNSET

from autohub.access.model import Right
from autohub.imports import reading, service
from autohub.imports.mapping import Mapping
from autohub.imports.model import ImportReport
from autohub.kit.query import ATOMIC, DRY_RUN, REPORT, Param
from autohub.kit.tablefile import FOUND, MEDIA, choice_of
from autohub.kit.tablefile import PARAMS as TABLE_PARAMS
from autohub.kit.toml import read_entries
from autohub.web.routes import ChunkedApiRequest, RawBody, Routes

routes = Routes("Import pipeline")
_KINDS = {"application/json": "json", "application/x-ndjson": "ndjson", **MEDIA}


class ImportRow(msgspec.Struct, rename=lambda name: name.replace("_", " ").capitalize()):
    """A row under the hub's own headings; a mapping allows any others."""

    name: str
    description: str
    category: str
    status: str = ""
    tags: str = ""


@routes(
    "POST",
    "/automations/import",
    rights=(Right.IMPORT_PIPELINE,),
    transaction="per_chunk",
    body=RawBody,
    row=ImportRow,
    body_example=[
        {
            "Name": "Check invoices",
            "Description": "By hand.",
            "Category": "Finance > Accounts Payable",
            "Status": "IDEA_APPROVED",
        }
    ],
    table_example=(
        ("Name", "Description", "Category"),
        ("Check invoices", "By hand.", "Finance > Accounts Payable"),
    ),
    media=tuple(_KINDS),
    large=True,
    params=(
        Param(
            "mapping",
            "text",
            "How the columns are to be read, as JSON: what `autohub ideas import --map` reads as "
            "TOML.",
        ),
        ATOMIC,
        DRY_RUN,
        REPORT,
        Param(
            "prefer",
            "choice",
            "Whose cell counts that changed in both since the last import; hub unless given.",
            choices=("hub", "file"),
        ),
        *TABLE_PARAMS,
    ),
    answer=ImportReport,
    example={
        "total": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
        "results": [
            {
                "row": 2,
                "process_id": 1183,
                "process_name": "Check invoices",
                "outcome": "created",
                "notes": ["The name was shortened."],
                "errors": {},
            }
        ],
    },
)
def import_pipeline(request: ChunkedApiRequest) -> ImportReport:
    """Imports a whole pipeline from a table

    Rows are found again by their key, so that a second import changes only what changed. Without
    `atomic` rows are written in parts.
    """
    query = request.query
    text = query.get("mapping")
    mapping = None if text is None else read_entries(text, Mapping)
    choice = choice_of(query).over(mapping.choice if mapping else FOUND)
    body = request.body
    table = reading.read_table(body.raw, _KINDS[body.media], choice)
    report = service.run_import(
        request.db,
        request.caller,
        table.lines,
        table.headings,
        mapping,
        prefer=query.get("prefer"),
        settings=request.settings,
        now=request.now,
        atomic=query.get("atomic") == "true",
        dry_run=query.get("dryRun") == "true",
        keep_all=query.get("report") == "all",
    )
    report.note = table.note or UNSET
    return report
