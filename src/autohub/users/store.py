"""Every statement about accounts, their roles and their search index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from autohub.access.model import RoleGrant
from autohub.audit.store import current_state
from autohub.db import tally
from autohub.db.engine import Reading, Row, Writing
from autohub.db.schema import (
    scim_user,
    sign_on_identity,
    user_account,
    user_email_alias,
    user_role,
    user_search,
    user_search_pending,
)
from autohub.db.search import Search, Shape
from autohub.db.sorting import directed
from autohub.db.statements import Statement, among, bind
from autohub.db.totals import keep_total
from autohub.kit.query import Page
from autohub.kit.text import email_key, fold, full_name, straighten
from autohub.users.model import FACTS, STATUS_FIELDS, TEXTS, Account, User

TALLY = "users"
SEARCH = Search(user_account, user_account.c.user_id, user_search, user_search_pending)
_LIVE = sa.and_(user_account.c.trashed_epoch.is_(None), user_account.c.erased_epoch.is_(None))
_TRASHED = sa.and_(user_account.c.trashed_epoch.is_not(None), user_account.c.erased_epoch.is_(None))
_ACCOUNT = f"user_id, {', '.join(FACTS)}, registered_epoch, trashed_epoch, person_key"
_KEYED = tuple(name for text in TEXTS for name in (text, f"{text}_key"))
_WRITTEN = (*_KEYED, "search_text", *STATUS_FIELDS, "updated_epoch")
_GRANT_CACHE: dict[tuple[int, int], RoleGrant] = {}


# --- reading ---


def list_users(
    db: Reading,
    page: Page,
    *,
    text: str | None,
    filters: Mapping[str, Sequence[Any]],
    statuses: str | None,
    role_ids: Sequence[int],
    sort: tuple[str | None, bool],
    trashed: bool,
) -> tuple[list[User], int]:
    """One page of accounts and how many there are in all.

    `filters` holds wanted values by column, compared folded; `statuses` is the contract's
    inviteStatus.
    """
    search, values = SEARCH.read(db, text) if text else (None, {})
    given = {name: _folded(name, found) for name, found in filters.items() if found}
    if role_ids:
        given["user_roles"] = list(role_ids)
    asked = _Asked(
        trashed=trashed,
        search=search,
        filters=tuple(given),
        statuses=statuses if statuses in _INVITE_STATUS else None,
    )
    values |= given
    rows = db.rows(_page(asked, sort), values | {"most": page.limit, "offset": page.offset})
    if len(rows) < page.limit and (rows or not page.offset):
        total = page.offset + len(rows)  # the last page, which tells how many there are
    elif asked == _EVERYBODY:
        total = tally.count(db, TALLY)
    else:
        total = keep_total(
            db,
            current_state(db),
            ("users", asked, text, repr(given)),
            lambda: int(db.scalar(_total(asked), values)),
        )
    grants = roles_of(db, [row[0] for row in rows])
    return [_to_user(row, grants.get(row[0], [])) for row in rows], total


class _Asked(NamedTuple):
    """What a list asks for, its values apart: lists that ask alike are one statement."""

    trashed: bool = False
    search: Shape | None = None
    filters: tuple[str, ...] = ()
    statuses: str | None = None


_EVERYBODY = _Asked()
_LISTED = [user_account.c[name] for name in ("user_id", *FACTS)]


@lru_cache(maxsize=1000)
def _page(asked: _Asked, sort: tuple[str | None, bool]) -> Statement:
    query = select(*_LISTED).where(*_conditions(asked)).order_by(*_order(sort))
    return Statement(query.limit(bind("most", sa.BigInteger)).offset(bind("offset", sa.BigInteger)))


@lru_cache(maxsize=1000)
def _total(asked: _Asked) -> Statement:
    return Statement(select(func.count()).select_from(user_account).where(*_conditions(asked)))


def _conditions(asked: _Asked) -> Iterator[sa.ColumnElement[bool]]:
    yield _TRASHED if asked.trashed else _LIVE
    for name in asked.filters:
        if name == "user_roles":
            holds = select(user_role.c.user_id).where(among(user_role.c.role_id, name))
            yield user_account.c.user_id.in_(holds)
        else:
            is_folded = name == "user_email" or name in TEXTS
            yield among(user_account.c[f"{name}_key" if is_folded else name], name)
    if asked.statuses is not None:
        yield _INVITE_STATUS[asked.statuses]
    if asked.search is not None:
        yield SEARCH.condition(asked.search)


def _folded(name: str, values: Sequence[Any]) -> list[Any]:
    """Values as the column holds them that is looked at."""
    if name == "user_email":
        return [email_key(value) for value in values]
    return [fold(value) for value in values] if name in TEXTS else list(values)


_INVITE_STATUS = {
    "active": sa.and_(user_account.c.user_is_active == 1, user_account.c.user_invite_status == 3),
    "pending": sa.and_(
        user_account.c.user_is_active == 1, user_account.c.user_invite_status.in_((1, 2))
    ),
    "inactive": user_account.c.user_is_active == 0,
}


def _order(sort: tuple[str | None, bool]) -> list[Any]:
    """Accounts without a value come last in both directions; ties are broken by id."""
    field, down = sort
    if field is None or field == "user_id":
        return [user_account.c.user_id.desc() if down else user_account.c.user_id]
    column = user_account.c[f"{field}_key"] if field in TEXTS else user_account.c[field]
    return [directed(column, down), user_account.c.user_id]


def roles_of(db: Reading, user_ids: Iterable[int]) -> dict[int, list[RoleGrant]]:
    """The grants of each person, by role and category."""
    ids = list(user_ids)
    if not ids:
        return {}
    found: dict[int, list[RoleGrant]] = {}
    order = "ORDER BY user_id, role_id, category_id"
    sql = (
        f"SELECT user_id, role_id, category_id FROM user_role WHERE user_id {db.driver_in} {order}"
    )
    for user_id, role_id, category_id in db.driver_rows(sql, (db.driver_list(ids),)):
        found.setdefault(user_id, []).append(_grant(role_id, category_id))
    return found


def _grant(role_id: int, category_id: int) -> RoleGrant:
    """One object per grant, however many people hold it."""
    return _GRANT_CACHE.setdefault((role_id, category_id), RoleGrant(role_id, category_id))


def load_accounts(db: Reading, ids: Sequence[int], *, lock: bool = False) -> dict[int, Account]:
    """Accounts by id, those in the trash too; `lock` keeps them as they are until the
    transaction ends."""
    return {account.user_id: account for account in _load_accounts(db, "user_id", ids, lock=lock)}


def load_accounts_by_email(
    db: Reading, keys: Sequence[str], *, lock: bool = False
) -> dict[str, Account]:
    """Accounts by the key of their address, those in the trash too."""
    return {
        email_key(account.user_email): account
        for account in _load_accounts(db, "user_email_key", keys, lock=lock)
    }


def _load_accounts(db: Reading, column: str, values: Sequence[Any], *, lock: bool) -> list[Account]:
    """Raw SQL, because an import reads a hundred thousand of them."""
    if not values:
        return []
    sql = (
        f"SELECT {_ACCOUNT} FROM user_account WHERE {column} {db.driver_in} AND erased_epoch IS "
        "NULL"
    )
    rows = db.driver_rows(sql + (db.driver_lock if lock else ""), (db.driver_list(values),))
    grants = roles_of(db, [row[0] for row in rows])
    return [_to_account(row, grants.get(row[0], [])) for row in rows]


def _to_user(row: Any, grants: list[RoleGrant]) -> User:
    """Written out, because a page has a hundred of them."""
    number, email, first, last, title, unit, department, location, is_active, invited = row
    return User(
        user_id=number,
        user_email=email,
        user_first_name=first,
        user_last_name=last,
        user_job_title=title,
        user_business_unit=unit,
        user_department=department,
        user_location=location,
        user_is_active=is_active,
        user_invite_status=invited,
        user_roles=grants,
    )


def _to_account(row: Any, grants: list[RoleGrant]) -> Account:
    *facts, registered, trashed, key = row
    return Account(
        **dict(zip(("user_id", *FACTS), facts, strict=True)),
        has_registered=registered is not None,
        is_trashed=trashed is not None,
        person_key=key,
        grants=tuple(grants),
    )


def accounts_by_alias(db: Reading, keys: Sequence[str]) -> dict[str, int]:
    """The account that each of these former addresses leads to."""
    if not keys:
        return {}
    return {row.email_key: row.user_id for row in db.rows(_ALIASES, {"keys": keys})}


_ALIASES = Statement(
    select(user_email_alias.c.email_key, user_email_alias.c.user_id).where(
        among(user_email_alias.c.email_key, "keys")
    )
)


def aliases_of(db: Reading, user_id: int) -> list[Row]:
    return list(
        db.rows(
            select(user_email_alias)
            .where(user_email_alias.c.user_id == user_id)
            .order_by(user_email_alias.c.created_epoch)
        )
    )


def get_detail(db: Reading, user_id: int) -> Row | None:
    """The columns that Account does not carry: times, generation, password."""
    return db.row(select(user_account).where(user_account.c.user_id == user_id))


def count_everyone(db: Reading) -> int:
    """Accounts that were ever made, erased ones too."""
    return int(db.scalar(select(func.count()).select_from(user_account)))


def count_by_status(db: Reading) -> dict[tuple[int, int], int]:
    """How many accounts outside the trash have each (user_is_active, user_invite_status)."""
    pair = (user_account.c.user_is_active, user_account.c.user_invite_status)
    query = select(*pair, func.count().label("n")).where(_LIVE).group_by(*pair)
    return {(row.user_is_active, row.user_invite_status): row.n for row in db.rows(query)}


# --- writing ---


@lru_cache(maxsize=50_000)
def _fold_cached(text: str | None) -> str | None:
    """`fold` for texts that many accounts share, and that tell nothing of a person."""
    return fold(text) if text else None


def _column_values(account: Account, now: int) -> tuple[Any, ...]:
    """The values of _WRITTEN."""
    email, first, last = account.user_email, account.user_first_name, account.user_last_name
    title, unit, department, location = (
        account.user_job_title,
        account.user_business_unit,
        account.user_department,
        account.user_location,
    )
    first_key, last_key = fold(first), fold(last)
    title_key, unit_key, department_key, location_key = (
        _fold_cached(title),
        _fold_cached(unit),
        _fold_cached(department),
        _fold_cached(location),
    )
    search = straighten(
        f"{first_key} {last_key} {fold(email)} {title_key or ''} {unit_key or ''} "
        f"{department_key or ''} {location_key or ''}"
    )
    texts = (
        email,
        email_key(email),
        first,
        first_key,
        last,
        last_key,
        title,
        title_key,
        unit,
        unit_key,
        department,
        department_key,
    )
    return (
        *texts,
        location,
        location_key,
        search,
        account.user_is_active,
        account.user_invite_status,
        now,
    )


def insert_accounts(db: Writing, new: Sequence[Account], *, now: int) -> None:
    """Stores new accounts, whose ids and keys are set, with their roles."""
    columns = ("user_id", *_WRITTEN, "person_key", "created_epoch")
    db.insert_many(
        user_account,
        columns,
        [
            (account.user_id, *_column_values(account, now), account.person_key, now)
            for account in new
        ],
    )
    db.insert_many(
        user_role,
        ("user_id", "role_id", "category_id"),
        [(a.user_id, g.role_id, g.category_id) for a in new for g in a.grants],
    )
    SEARCH.mark_new(db, [account.user_id for account in new])
    tally.add_delta(db, TALLY, len(new))


def update_accounts(db: Writing, accounts: Sequence[Account], *, now: int) -> None:
    """Writes the texts and the status of accounts, and has their search entries made anew."""
    db.update_many(
        user_account,
        "user_id",
        _WRITTEN,
        [(*_column_values(account, now), account.user_id) for account in accounts],
    )
    SEARCH.again(db, [account.user_id for account in accounts])


def set_roles(db: Writing, accounts: Sequence[Account]) -> None:
    if accounts:
        db.change(
            user_role.delete().where(
                db.one_of(user_role.c.user_id, [account.user_id for account in accounts])
            )
        )
        rows = [(a.user_id, g.role_id, g.category_id) for a in accounts for g in a.grants]
        db.insert_many(user_role, ("user_id", "role_id", "category_id"), rows)


def end_credentials(db: Writing, user_ids: Sequence[int]) -> None:
    """Ends all tokens and sessions of these people, for good."""
    if user_ids:
        raised = user_account.c.credential_generation + 1
        db.change(
            user_account.update()
            .where(db.one_of(user_account.c.user_id, user_ids))
            .values(credential_generation=raised)
        )


def set_columns(db: Writing, user_id: int, values: Mapping[str, Any]) -> None:
    db.change(user_account.update().where(user_account.c.user_id == user_id).values(dict(values)))


def add_to_count(db: Writing, delta: int) -> None:
    """Tells the tally that `delta` accounts came out of, or went into, the trash."""
    tally.add_delta(db, TALLY, delta)


def insert_alias(db: Writing, user_id: int, email: str, *, now: int) -> None:
    db.insert(
        user_email_alias,
        {
            "email_key": email_key(email),
            "user_id": user_id,
            "user_email": email,
            "created_epoch": now,
        },
    )


def delete_alias(db: Writing, key: str) -> bool:
    """False when there was none."""
    return db.change(user_email_alias.delete().where(user_email_alias.c.email_key == key)) > 0


def erase_account(db: Writing, user_id: int, *, now: int) -> None:
    """Blanks the account: only its id and times stay, so that what it did keeps an anonymous
    author."""
    blank: dict[str, Any] = dict.fromkeys((*_KEYED, "search_text", "password_hash", "person_key"))
    db.change(
        user_account.update()
        .where(user_account.c.user_id == user_id)
        .values(**blank, erased_epoch=now)
    )
    for table in (user_role, user_email_alias, scim_user, sign_on_identity):
        db.change(table.delete().where(table.c.user_id == user_id))
    SEARCH.forget(db, user_id)


def full_names(db: Reading, user_ids: Iterable[int]) -> dict[int, str]:
    """Full names by id; erased people have none."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    query = select(
        user_account.c.user_id, user_account.c.user_first_name, user_account.c.user_last_name
    ).where(db.one_of(user_account.c.user_id, wanted), user_account.c.erased_epoch.is_(None))
    return {
        row.user_id: full_name(row.user_first_name, row.user_last_name) for row in db.rows(query)
    }


def user_ids_by_email(db: Reading, keys: Iterable[str]) -> dict[str, int]:
    """Accounts outside the trash, by the key of their address."""
    return {key: user_id for key, (user_id, _) in find_named(db, keys).items()}


def find_named(db: Reading, keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    """`user_id` and `user_is_active` of the accounts outside the trash, by the key of their
    address."""
    rows = db.rows(_NAMED, {"keys": list(keys)})
    return {row.user_email_key: (row.user_id, row.user_is_active) for row in rows}


_NAMED = Statement(
    select(
        user_account.c.user_email_key, user_account.c.user_id, user_account.c.user_is_active
    ).where(among(user_account.c.user_email_key, "keys"), user_account.c.trashed_epoch.is_(None))
)


def emails_by_id(db: Reading, user_ids: Sequence[int]) -> dict[int, str]:
    """Addresses by id; erased accounts have none."""
    columns = (user_account.c.user_id, user_account.c.user_email)
    rows = db.rows(
        select(*columns).where(
            db.one_of(user_account.c.user_id, user_ids), user_account.c.user_email.is_not(None)
        )
    )
    return {row.user_id: row.user_email for row in rows}
