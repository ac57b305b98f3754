"""What the console reads and writes beside the services of others."""

from collections.abc import Sequence

from sqlalchemy import func, select

from autohub.db.engine import Reading
from autohub.db.schema import idea, idea_collaborator, open_api_token, user_account


def duties(db: Reading, user_id: int) -> dict[str, int]:
    """What a person would leave behind: ideas that they own, seats on ideas, tokens that work in their name."""
    owned = select(func.count()).select_from(idea).where(idea.c.owner_user_id == user_id, idea.c.process_is_deleted == 0)
    seats = select(func.count()).select_from(idea_collaborator).where(idea_collaborator.c.user_id == user_id)
    tokens = (
        select(func.count()).select_from(open_api_token).where(open_api_token.c.user_id == user_id, open_api_token.c.token_is_active == 1)
    )
    return {"ideas": int(db.scalar(owned)), "seats": int(db.scalar(seats)), "tokens": int(db.scalar(tokens))}


def values(db: Reading, field: str, *, limit: int = 300) -> Sequence[str]:
    """The texts that accounts have in this field, each once whatever its case."""
    key = user_account.c[f"{field}_key"]
    query = select(func.min(user_account.c[field])).where(key.is_not(None), key != "", user_account.c.trashed_epoch.is_(None))
    return db.scalars(query.group_by(key).order_by(key).limit(limit))
