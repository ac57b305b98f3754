"""Every statement behind a person's tasks: the ideas that wait for them."""

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller, Right
from autohub.db.engine import Reading
from autohub.db.schema import idea, idea_collaborator, phase_status
from autohub.ideas.list_store import statuses_that_wait
from autohub.ideas.model import PROJECT_MANAGER_ROLE
from autohub.ideas.visibility_store import below, visible

IMPLEMENTATION = (4, 5, 6, 7, 8)


def _in_reach(db: Reading, caller: Caller, right: Right) -> sa.ColumnElement[bool]:
    reach = caller.reach(right)
    if reach is None:
        return sa.true()
    return idea.c.category_id.in_(below(db, reach)) if reach else sa.false()


def task_conditions(db: Reading, caller: Caller) -> dict[str, sa.ColumnElement[bool]]:
    """What waits for a person, as conditions on ideas, by the kind of task (product 3)."""
    me = caller.user_id
    status = idea.c.phase_status_id
    led = select(idea_collaborator.c.process_id).where(
        idea_collaborator.c.user_id == me,
        idea_collaborator.c.collaborator_role_id == PROJECT_MANAGER_ROLE,
    )
    building = select(phase_status.c.phase_status_id).where(
        phase_status.c.phase_id.in_(IMPLEMENTATION), phase_status.c.phase_status_name != "Cancelled"
    )
    return {
        "review": sa.and_(
            status.in_(statuses_that_wait("review")), _in_reach(db, caller, Right.REVIEW_IDEAS)
        ),
        "decide": sa.and_(
            status.in_(statuses_that_wait("decide")), _in_reach(db, caller, Right.UPDATE_STATUS)
        ),
        "assess": sa.and_(status.in_(statuses_that_wait("assess")), idea.c.owner_user_id == me),
        "build": sa.and_(status.in_(building), idea.c.process_id.in_(led)),
        "rework": sa.and_(status.in_(statuses_that_wait("rework")), idea.c.submitter_user_id == me),
    }


def count_tasks(db: Reading, caller: Caller) -> int:
    """How many tasks there are; their kinds have no status in common. Counted one by one, since
    each finds its rows by an index."""
    seen = visible(db, caller)
    counts = (
        select(func.count()).select_from(idea).where(seen, kind).scalar_subquery()
        for kind in task_conditions(db, caller).values()
    )
    return sum(int(n) for row in db.rows(select(*counts)) for n in row)


def list_tasks(db: Reading, caller: Caller, kind: str, *, limit: int) -> tuple[list[int], int]:
    """The ideas that have waited longest, and how many there are."""
    where = (visible(db, caller), task_conditions(db, caller)[kind])
    total = int(db.scalar(select(func.count()).select_from(idea).where(*where)))
    return db.numbers(
        select(idea.c.process_id)
        .where(*where)
        .order_by(idea.c.status_epoch, idea.c.process_id)
        .limit(limit)
    ), total
