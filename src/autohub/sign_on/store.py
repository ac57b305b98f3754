"""Every statement about providers of sign-on, and who is who at them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import group_member, sign_on_identity, sign_on_provider, user_group
from autohub.kit.text import fold
from autohub.sign_on.model import Provider

_COLUMNS = [sign_on_provider.c[name] for name in Provider.__struct_fields__]


def list_providers(db: Reading) -> list[Provider]:
    query = select(*_COLUMNS).order_by(sign_on_provider.c.provider_id)
    return [Provider(**row._mapping) for row in db.rows(query)]


def get_provider(db: Reading, provider_id: int) -> Provider | None:
    row = db.row(select(*_COLUMNS).where(sign_on_provider.c.provider_id == provider_id))
    return Provider(**row._mapping) if row else None


def save_provider(db: Writing, provider_id: int | None, values: Mapping[str, Any]) -> int:
    if provider_id is None:
        return db.insert(sign_on_provider, values)
    mine = sign_on_provider.c.provider_id == provider_id
    db.change(sign_on_provider.update().where(mine).values(dict(values)))
    return provider_id


def find_identity(db: Reading, issuer: str, subject: str) -> int | None:
    """The account of a person there."""
    query = select(sign_on_identity.c.user_id).where(
        sign_on_identity.c.issuer == issuer, sign_on_identity.c.subject == subject
    )
    row = db.row(query)
    return row.user_id if row else None


def has_identity(db: Reading, issuer: str, user_id: int) -> bool:
    """Whether an account is somebody's there already."""
    mine = sign_on_identity.c.issuer == issuer, sign_on_identity.c.user_id == user_id
    return db.row(select(sign_on_identity.c.user_id).where(*mine)) is not None


def add_identity(db: Writing, issuer: str, subject: str, user_id: int, *, now: int) -> None:
    row = {"issuer": issuer, "subject": subject, "user_id": user_id, "linked_epoch": now}
    db.change(sign_on_identity.insert(), [row])


def list_directory_groups(db: Reading, user_id: int) -> list[Row]:
    """The groups that directories keep: id, name's key, the directory's id, and whether the person
    is in."""
    is_in = user_group.c.group_id.in_(
        select(group_member.c.group_id).where(group_member.c.user_id == user_id)
    )
    query = select(
        user_group.c.group_id,
        user_group.c.group_name_key,
        user_group.c.external_id,
        sa.case((is_in, 1), else_=0).label("is_in"),
    ).where(user_group.c.group_source == "directory")
    return list(db.rows(query))


def group_key(name: str) -> str:
    return fold(name)
