"""The call that changes many ideas; ours, beside the contract."""

from autohub.access.model import ANY_RIGHT
from autohub.ideas import bulk, examples
from autohub.ideas.bulk import IdeaBulkReport, IdeaEdits
from autohub.kit.query import ATOMIC, DRY_RUN, REPORT
from autohub.web.routes import ChunkedApiRequest, Routes

routes = Routes("Ideas")


@routes(
    "POST",
    "/automations/bulk",
    rights=ANY_RIGHT,
    transaction="per_chunk",
    body=IdeaEdits,
    body_example={
        "automations": [
            {"process_id": 1183, "phase_status_id": 53, "reason": "As in ServiceNow"},
            {"process_id": 1184, "tags": ["SAP"], "user_inputs": examples.PATCH["user_inputs"]},
        ]
    },
    lines=True,
    large=True,
    params=(ATOMIC, DRY_RUN, REPORT),
    answer=IdeaBulkReport,
    example={"total": 2, "updated": 2, "unchanged": 0, "failed": 0, "results": []},
)
def change_automations(request: ChunkedApiRequest) -> IdeaBulkReport:
    """Changes and moves many ideas

    Each by the rules of the single calls, and those that fail change nothing; `atomic` makes all
    changes or none.
    """
    query = request.query
    return bulk.change_ideas(
        request.db,
        request.caller,
        request.body.automations,
        atomic=query.get("atomic") == "true",
        dry_run=query.get("dryRun") == "true",
        keep_all=query.get("report") == "all",
        now=request.now,
    )
