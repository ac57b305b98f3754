"""Every statement behind the workspace."""

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.db.schema import idea, idea_collaborator, idea_follow
from autohub.ideas.model import OWNER_ROLE, SUBMITTER_ROLE
from autohub.ideas.visibility_store import visible
from autohub.kit.query import Page


def list_collaborations(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    """The ideas on which the caller has a seat other than the submitter's and the owner's, or
    which they own."""
    seats = select(idea_collaborator.c.process_id).where(
        idea_collaborator.c.user_id == caller.user_id,
        idea_collaborator.c.collaborator_role_id.not_in((SUBMITTER_ROLE, OWNER_ROLE)),
    )
    return _page(
        db,
        caller,
        sa.or_(idea.c.owner_user_id == caller.user_id, idea.c.process_id.in_(seats)),
        page,
    )


def list_submissions(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    return _page(db, caller, idea.c.submitter_user_id == caller.user_id, page)


def list_followed(db: Reading, caller: Caller, page: Page) -> tuple[list[int], int]:
    mine = select(idea_follow.c.process_id).where(idea_follow.c.user_id == caller.user_id)
    return _page(db, caller, idea.c.process_id.in_(mine), page)


def _page(
    db: Reading, caller: Caller, condition: sa.ColumnElement[bool], page: Page
) -> tuple[list[int], int]:
    where = (visible(db, caller), condition)
    total = int(db.scalar(select(func.count()).select_from(idea).where(*where)))
    query = (
        select(idea.c.process_id)
        .where(*where)
        .order_by(idea.c.process_updated_epoch.desc(), idea.c.process_id)
    )
    return db.numbers(query.limit(page.limit).offset(page.offset)), total
