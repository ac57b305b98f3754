"""Every statement about the leaderboard."""

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.db.engine import Reading, Writing
from autohub.db.schema import (
    idea,
    idea_comment,
    idea_history,
    installation,
    phase_status,
    user_account,
)
from autohub.flows.model import StatusId
from autohub.kit.text import fold
from autohub.leaderboard.model import POINTS, LeaderboardEntry

_OUT = tuple(
    int(status)
    for status in (
        StatusId.IDEA_REJECTED,
        StatusId.IDEA_DUPLICATE,
        StatusId.IDEA_ARCHIVED,
        StatusId.QUALIFICATION_REJECTED,
        StatusId.ASSESSMENT_ARCHIVED,
        StatusId.QUALIFICATION_ARCHIVED,
    )
)
SWITCH = "leaderboard"


def list_leaderboard(
    db: Reading, *, business_unit: str | None, limit: int
) -> list[LeaderboardEntry]:
    """Those with the most points, among everybody or in one business unit; people who left are
    not shown."""
    status = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
    went_on = sa.and_(phase_status.c.phase_id > 1, idea.c.phase_status_id.not_in(_OUT))
    imported = sa.exists().where(  # what a table told of the past is nobody's merit here
        idea_history.c.process_id == idea.c.process_id,
        idea_history.c.from_status_id.is_(None),
        idea_history.c.door == "import",
    )
    ideas = (
        select(
            idea.c.submitter_user_id.label("user_id"),
            func.count().label("submitted"),
            func.sum(sa.case((went_on, 1), else_=0)).label("approved"),
            func.sum(sa.case((phase_status.c.phase_id == 9, 1), else_=0)).label("live"),
            func.sum(idea.c.process_num_votes).label("votes"),
        )
        .select_from(status)
        .where(idea.c.process_is_deleted == 0, idea.c.submitter_user_id.is_not(None), ~imported)
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
    figures = [
        func.coalesce(column, 0)
        for column in (
            ideas.c.submitted,
            ideas.c.approved,
            ideas.c.live,
            ideas.c.votes,
            said.c.comments,
        )
    ]
    points = sum(
        (figure * weight for figure, weight in zip(figures, POINTS.values(), strict=True)),
        sa.literal(0),
    )
    where = [person.c.trashed_epoch.is_(None), person.c.user_is_active == 1, points > 0]
    if business_unit:
        where.append(person.c.user_business_unit_key == fold(business_unit))
    query = (
        select(
            person.c.user_id,
            person.c.user_first_name,
            person.c.user_last_name,
            person.c.user_business_unit,
            *figures,
        )
        .select_from(
            person.outerjoin(ideas, ideas.c.user_id == person.c.user_id).outerjoin(
                said, said.c.user_id == person.c.user_id
            )
        )
        .where(*where)
        .order_by(points.desc(), person.c.user_id)
        .limit(limit)
    )
    found = []
    for row in db.rows(query):
        user_id, first, last, unit, *counts = tuple(row)
        figures_of = {name: int(n) for name, n in zip(POINTS, counts, strict=True)}
        found.append(LeaderboardEntry(user_id, f"{first} {last}", unit, **figures_of))
    return found


def is_switched_on(db: Reading) -> bool:
    return bool(
        db.scalar(select(installation.c.value).where(installation.c.name == SWITCH)) != "off"
    )


def set_switch(db: Writing, *, on: bool) -> None:
    db.change(installation.delete().where(installation.c.name == SWITCH))
    db.insert_many(installation, ("name", "value"), [(SWITCH, "on" if on else "off")])
