"""What lists show of ideas."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from autohub.db.engine import Reading
from autohub.db.schema import idea, phase, phase_status, user_account
from autohub.ideas.rows import IdeaRow

_PEOPLE = {name: user_account.alias(name) for name in ("owner", "submitter")}
_ROWS = (
    idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
    .join(phase, phase.c.phase_id == phase_status.c.phase_id)
    .outerjoin(_PEOPLE["owner"], _PEOPLE["owner"].c.user_id == idea.c.owner_user_id)
    .outerjoin(_PEOPLE["submitter"], _PEOPLE["submitter"].c.user_id == idea.c.submitter_user_id)
)


def _column(field: str) -> Any:
    who, _, name = field.partition("_")
    if who in _PEOPLE and field not in idea.c:
        account = _PEOPLE[who]
        return account.c[name if name in account.c else f"user_{name}"].label(field)
    return next(table.c[field] for table in (idea, phase, phase_status) if field in table.c)


_QUERY = select(*map(_column, IdeaRow.__struct_fields__)).select_from(_ROWS)


def load_rows(db: Reading, ids: Sequence[int]) -> list[IdeaRow]:
    """What a list shows of these ideas, in this order."""
    if not ids:
        return []
    found = {
        row.process_id: IdeaRow(**row._mapping)
        for row in db.rows(_QUERY.where(db.one_of(idea.c.process_id, ids)))
    }
    return [found[process_id] for process_id in ids if process_id in found]
