"""What the console reads and writes beside the services of others."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from autohub.db.engine import Reading
from autohub.db.schema import (
    application,
    assessment_version,
    category,
    collaborator_role,
    component,
    document_type,
    idea,
    idea_collaborator,
    idea_flow,
    open_api_token,
    role,
    user_account,
    user_group,
)

NAMED = {
    "application": (application.c.application_id, application.c.application_name),
    "assessment": (assessment_version.c.version_id, assessment_version.c.version_name),
    "category": (category.c.category_id, category.c.category_name),
    "collaborator_role": (collaborator_role.c.role_id, collaborator_role.c.role_name),
    "component": (component.c.component_id, component.c.component_name),
    "document_type": (document_type.c.document_type_id, document_type.c.document_type_name),
    "flow": (idea_flow.c.idea_flow_id, idea_flow.c.idea_flow_name),
    "group": (user_group.c.group_id, user_group.c.group_name),
    "role": (role.c.role_id, role.c.role_name),
    "token": (open_api_token.c.token_id, open_api_token.c.token_name),
}
"""What the audit calls an object, with its number and its name; people and ideas are named
otherwise."""


def count_duties(db: Reading, user_id: int) -> dict[str, int]:
    """What a person would leave behind: ideas that they own, seats on ideas, tokens that work in
    their name."""
    owned = (
        select(func.count())
        .select_from(idea)
        .where(idea.c.owner_user_id == user_id, idea.c.process_is_deleted == 0)
    )
    seats = (
        select(func.count())
        .select_from(idea_collaborator)
        .where(idea_collaborator.c.user_id == user_id)
    )
    tokens = (
        select(func.count())
        .select_from(open_api_token)
        .where(open_api_token.c.user_id == user_id, open_api_token.c.token_is_active == 1)
    )
    return {
        "ideas": int(db.scalar(owned)),
        "seats": int(db.scalar(seats)),
        "tokens": int(db.scalar(tokens)),
    }


def distinct_values(db: Reading, field: str, *, limit: int = 300) -> Sequence[str]:
    """The texts that accounts have in this field, each once whatever its case."""
    key = user_account.c[f"{field}_key"]
    query = select(func.min(user_account.c[field])).where(
        key.is_not(None), key != "", user_account.c.trashed_epoch.is_(None)
    )
    return db.scalars(query.group_by(key).order_by(key).limit(limit))


def object_names(db: Reading, kind: str, ids: Iterable[int]) -> dict[int, str]:
    """The names of some objects of a kind that has names."""
    if kind not in NAMED:
        return {}
    number, name = NAMED[kind]
    return dict(map(tuple, db.rows(select(number, name).where(db.one_of(number, sorted(ids))))))
