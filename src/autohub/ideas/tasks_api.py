"""The call that tells a person what waits for them; ours, beside the contract."""

from typing import Literal, get_args

import msgspec

from autohub.access.model import ANY_RIGHT
from autohub.ideas import tasks_store
from autohub.ideas.rows_store import load_rows
from autohub.web.routes import ReadApiRequest, Routes

routes = Routes("Ideas")
TaskKind = Literal["review", "assess", "decide", "build", "rework"]
SHOWN = 20


class WaitingIdea(msgspec.Struct):
    process_id: int
    process_name: str
    phase_name: str
    phase_status_name: str
    process_status_epoch: int


class Tasks(msgspec.Struct):
    """What a person must do with `total` ideas; `ideas` are the ones that have waited longest."""

    task: TaskKind
    total: int
    ideas: list[WaitingIdea]


@routes(
    "GET",
    "/tasks",
    rights=ANY_RIGHT,
    answer=list[Tasks],
    example=[
        {
            "task": "review",
            "total": 1,
            "ideas": [
                {
                    "process_id": 12,
                    "process_name": "Check invoices",
                    "phase_name": "Idea",
                    "phase_status_name": "Awaiting review",
                    "process_status_epoch": 1767225600000,
                }
            ],
        }
    ],
)
def list_tasks(request: ReadApiRequest) -> list[Tasks]:
    """Lists what waits for the caller, by what is to be done; 20 of each, the oldest first"""
    found = []
    for kind in get_args(TaskKind):
        ids, total = tasks_store.list_tasks(request.db, request.caller, kind, limit=SHOWN)
        ideas = [
            WaitingIdea(
                process_id=row.process_id,
                process_name=row.process_name,
                phase_name=row.phase_name,
                phase_status_name=row.phase_status_name,
                process_status_epoch=row.status_epoch,
            )
            for row in load_rows(request.db, ids)
        ]
        if total:
            found.append(Tasks(task=kind, total=total, ideas=ideas))
    return found
