"""Every statement about collaborator roles and what collaborators may edit."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    collaborator_role,
    idea_collaborator,
    idea_editor,
    user_account,
    user_collaborator_role,
)
from autohub.db.stamps import keep


@keep("collaborator roles")
def all_roles(db: Reading) -> dict[int, Row]:
    """All collaborator roles by id."""
    return {
        row.role_id: row
        for row in db.rows(select(collaborator_role).order_by(collaborator_role.c.role_id))
    }


def list_holders(db: Reading) -> dict[int, list[int]]:
    """Who may be picked for each assignable role."""
    found: dict[int, list[int]] = {}
    for row in db.rows(
        select(user_collaborator_role).order_by(
            user_collaborator_role.c.role_id, user_collaborator_role.c.user_id
        )
    ):
        found.setdefault(row.role_id, []).append(row.user_id)
    return found


def list_people(db: Reading, ids: Sequence[int]) -> dict[int, Row]:
    columns = (
        user_account.c.user_id,
        user_account.c.user_email,
        user_account.c.user_first_name,
        user_account.c.user_last_name,
        user_account.c.user_is_active,
    )
    return {
        row.user_id: row
        for row in db.rows(select(*columns).where(db.one_of(user_account.c.user_id, ids)))
    }


def list_edit_parts(db: Reading, process_id: int) -> dict[int, list[str]]:
    """What each collaborator of an idea was given to edit."""
    found: dict[int, list[str]] = {}
    query = (
        select(idea_editor)
        .where(idea_editor.c.process_id == process_id)
        .order_by(idea_editor.c.user_id, idea_editor.c.part)
    )
    for row in db.rows(query):
        found.setdefault(row.user_id, []).append(row.part)
    return found


def set_edit_parts(db: Writing, process_id: int, user_id: int, wanted: Iterable[str]) -> None:
    db.change(
        idea_editor.delete().where(
            idea_editor.c.process_id == process_id, idea_editor.c.user_id == user_id
        )
    )
    rows = [(process_id, user_id, part) for part in sorted(set(wanted))]
    db.insert_many(idea_editor, ("process_id", "user_id", "part"), rows)


def is_role_in_use(db: Reading, role_id: int) -> bool:
    """Whether somebody has this role on some idea."""
    return (
        db.row(
            select(idea_collaborator.c.process_id)
            .where(idea_collaborator.c.collaborator_role_id == role_id)
            .limit(1)
        )
        is not None
    )


def find_role_by_name(db: Reading, name_key: str) -> int | None:
    found: int | None = db.scalar(
        select(collaborator_role.c.role_id).where(collaborator_role.c.role_name_key == name_key)
    )
    return found


def save_role(db: Writing, role_id: int | None, values: Mapping[str, Any]) -> int:
    """Adds (None) or changes a role, and returns its id."""
    if role_id is None:
        return db.insert(collaborator_role, values)
    if values:
        db.change(
            collaborator_role.update()
            .where(collaborator_role.c.role_id == role_id)
            .values(dict(values))
        )
    return role_id


def set_holders(db: Writing, role_id: int, user_ids: Iterable[int]) -> None:
    db.change(user_collaborator_role.delete().where(user_collaborator_role.c.role_id == role_id))
    db.insert_many(
        user_collaborator_role,
        ("user_id", "role_id"),
        [(user_id, role_id) for user_id in sorted(set(user_ids))],
    )


def named_roles_of(db: Reading, user_id: int) -> list[int]:
    """The collaborator roles for which a person is named."""
    query = select(user_collaborator_role.c.role_id).where(
        user_collaborator_role.c.user_id == user_id
    )
    return db.numbers(query.order_by(user_collaborator_role.c.role_id))


def set_named_roles(db: Writing, user_id: int, role_ids: Iterable[int]) -> None:
    db.change(user_collaborator_role.delete().where(user_collaborator_role.c.user_id == user_id))
    db.insert_many(
        user_collaborator_role, ("user_id", "role_id"), [(user_id, role_id) for role_id in role_ids]
    )


def delete_role(db: Writing, role_id: int) -> None:
    set_holders(db, role_id, ())
    db.change(collaborator_role.delete().where(collaborator_role.c.role_id == role_id))
