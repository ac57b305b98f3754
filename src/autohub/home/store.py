"""Every statement behind tasks, workspace and leaderboard."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.db.schema import idea, idea_collaborator, idea_comment, idea_follow, installation, phase_status, user_account
from autohub.home.model import POINTS, Standing
from autohub.ideas.model import OWNER_ROLE, PROJECT_MANAGER_ROLE, SUBMITTER_ROLE
from autohub.ideas.store import below, visible
from autohub.kit.query import Page
from autohub.kit.text import fold

REVIEW, DECIDE, ASSESS, REWORK = (46, 94, 97), (54,), (51, 53), (98, 101)
IMPLEMENTATION = (4, 5, 6, 7, 8)
_OUT = (48, 49, 50, 57, 89, 90)  # rejected, duplicate, archived
LEADERBOARD = "leaderboard"


def _in_reach(db: Reading, caller: Caller, right: Right) -> sa.ColumnElement[bool]:
    reach = caller.reach(right)
    if reach is None:
        return sa.true()
    return idea.c.category_id.in_(below(db, reach)) if reach else sa.false()


def waiting(db: Reading, caller: Caller) -> dict[str, sa.ColumnElement[bool]]:
    """What waits for a person, as conditions on ideas, by the kind of task (product 3)."""
    me = caller.user_id
    status = idea.c.phase_status_id
    led = select(idea_collaborator.c.process_id).where(
        idea_collaborator.c.user_id == me, idea_collaborator.c.collaborator_role_id == PROJECT_MANAGER_ROLE
    )
    building = select(phase_status.c.phase_status_id).where(
        phase_status.c.phase_id.in_(IMPLEMENTATION), phase_status.c.phase_status_name != "Cancelled"
    )
    return {
        "review": sa.and_(status.in_(REVIEW), _in_reach(db, caller, Right.REVIEW_IDEAS)),
        "decide": sa.and_(status.in_(DECIDE), _in_reach(db, caller, Right.UPDATE_STATUS)),
        "assess": sa.and_(status.in_(ASSESS), idea.c.owner_user_id == me),
        "build": sa.and_(status.in_(building), idea.c.process_id.in_(led)),
        "rework": sa.and_(status.in_(REWORK), idea.c.submitter_user_id == me),
    }


def count_waiting(db: Reading, caller: Caller) -> int:
    """How many tasks there are; their kinds have no status in common. Counted one by one, since each finds its rows by an index."""
    seen = visible(db, caller)
    counts = (select(func.count()).select_from(idea).where(seen, kind).scalar_subquery() for kind in waiting(db, caller).values())
    return sum(int(n) for row in db.rows(select(*counts)) for n in row)


def tasks(db: Reading, caller: Caller, kind: str, *, limit: int) -> tuple[list[int], int]:
    """The ideas that have waited longest, and how many there are."""
    where = (visible(db, caller), waiting(db, caller)[kind])
    total = int(db.scalar(select(func.count()).select_from(idea).where(*where)))
    return db.numbers(select(idea.c.process_id).where(*where).order_by(idea.c.status_epoch, idea.c.process_id).limit(limit)), total


def collaborations(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    """The ideas on which the caller has a seat other than the submitter's and the owner's, or which they own."""
    seats = select(idea_collaborator.c.process_id).where(
        idea_collaborator.c.user_id == caller.user_id,
        idea_collaborator.c.collaborator_role_id.not_in((SUBMITTER_ROLE, OWNER_ROLE)),
    )
    return _page(db, caller, sa.or_(idea.c.owner_user_id == caller.user_id, idea.c.process_id.in_(seats)), page)


def submissions(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    return _page(db, caller, idea.c.submitter_user_id == caller.user_id, page)


def followed(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    mine = select(idea_follow.c.process_id).where(idea_follow.c.user_id == caller.user_id)
    return _page(db, caller, idea.c.process_id.in_(mine), page)


def _page(db: Reading, caller: Caller, condition: sa.ColumnElement[bool], page: Page) -> tuple[list[int], int]:
    where = (visible(db, caller), condition)
    total = int(db.scalar(select(func.count()).select_from(idea).where(*where)))
    query = select(idea.c.process_id).where(*where).order_by(idea.c.process_updated_epoch.desc(), idea.c.process_id)
    return db.numbers(query.limit(page.limit).offset(page.offset)), total


def leaderboard(db: Reading, *, business_unit: str | None, limit: int) -> list[Standing]:
    """Those with the most points, among everybody or in one business unit; people who left are not shown."""
    status = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
    went_on = sa.and_(phase_status.c.phase_id > 1, idea.c.phase_status_id.not_in(_OUT))
    ideas = (
        select(
            idea.c.submitter_user_id.label("user_id"),
            func.count().label("submitted"),
            func.sum(sa.case((went_on, 1), else_=0)).label("approved"),
            func.sum(sa.case((phase_status.c.phase_id == 9, 1), else_=0)).label("live"),
            func.sum(idea.c.process_num_votes).label("votes"),
        )
        .select_from(status)
        .where(idea.c.process_is_deleted == 0, idea.c.submitter_user_id.is_not(None))
        .group_by(idea.c.submitter_user_id)
        .subquery()
    )
    said = (
        select(idea_comment.c.user_id, func.count().label("comments"))
        .where(idea_comment.c.comment_text.is_not(None))
        .group_by(idea_comment.c.user_id)
        .subquery()
    )
    person = user_account
    figures = [func.coalesce(column, 0) for column in (ideas.c.submitted, ideas.c.approved, ideas.c.live, ideas.c.votes, said.c.comments)]
    points = sum((figure * weight for figure, weight in zip(figures, POINTS.values(), strict=True)), sa.literal(0))
    where = [person.c.trashed_epoch.is_(None), person.c.user_is_active == 1, points > 0]
    if business_unit:
        where.append(person.c.user_business_unit_key == fold(business_unit))
    query = (
        select(person.c.user_id, person.c.user_first_name, person.c.user_last_name, person.c.user_business_unit, *figures)
        .select_from(person.outerjoin(ideas, ideas.c.user_id == person.c.user_id).outerjoin(said, said.c.user_id == person.c.user_id))
        .where(*where)
        .order_by(points.desc(), person.c.user_id)
        .limit(limit)
    )
    found = []
    for row in db.rows(query):
        user_id, first, last, unit, *counts = tuple(row)
        found.append(Standing(user_id, f"{first} {last}", unit, *(int(count) for count in counts)))
    return found


def leaderboard_is_on(db: Reading) -> bool:
    return bool(db.scalar(select(installation.c.value).where(installation.c.name == LEADERBOARD)) != "off")


def switch_leaderboard(db: Writing, caller: Caller, *, on: bool, now: int) -> None:
    db.change(installation.delete().where(installation.c.name == LEADERBOARD))
    db.insert_many(installation, ("name", "value"), [(LEADERBOARD, "on" if on else "off")])
    audit.record(db, actor(caller), "switch leaderboard", "account", None, now=now, after={"leaderboard": int(on)})


def business_units(db: Reading, *, limit: int = 200) -> Sequence[str]:
    """The names of business units that people have, each once."""
    query = select(func.min(user_account.c.user_business_unit)).where(
        user_account.c.user_business_unit_key.is_not(None), user_account.c.user_business_unit_key != ""
    )
    return db.scalars(query.group_by(user_account.c.user_business_unit_key).order_by(user_account.c.user_business_unit_key).limit(limit))
