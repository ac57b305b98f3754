"""What a good team's first version would be: FastAPI and SQLAlchemy's ORM with the same fields,
roles and checks, and no audit. The benchmark starts it beside the hub, under the same server.

`REFERENCE_DATABASE` is the address of an empty database, which is filled with `REFERENCE_ROWS`
people and as many ideas; `REFERENCE_TOKEN` is the token that is accepted.
"""

import hashlib
import os
import re
import time
from collections.abc import Iterator
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, event, func, or_, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    relationship,
    selectinload,
    sessionmaker,
)

from benchmarks.people import user

PREFIX = "/api/v1/openapi"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WRITERS = {1, 2, 3}
"""The roles that may write accounts and ideas."""


class Base(DeclarativeBase):
    pass


class Grant(Base):
    __tablename__ = "user_role"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.user_id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "user_account"
    user_id: Mapped[int] = mapped_column(primary_key=True)
    user_email: Mapped[str] = mapped_column(unique=True)
    user_first_name: Mapped[str] = mapped_column(index=True)
    user_last_name: Mapped[str] = mapped_column(index=True)
    user_job_title: Mapped[str | None]
    user_business_unit: Mapped[str | None]
    user_department: Mapped[str | None]
    user_location: Mapped[str | None]
    user_is_active: Mapped[int] = mapped_column(default=1)
    user_invite_status: Mapped[int] = mapped_column(default=1)
    user_roles: Mapped[list[Grant]] = relationship(cascade="all, delete-orphan")


class Token(Base):
    __tablename__ = "token"
    hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.user_id"))
    user: Mapped[User] = relationship()


class Category(Base):
    __tablename__ = "category"
    category_id: Mapped[int] = mapped_column(primary_key=True)
    category_name: Mapped[str]


class Answer(Base):
    __tablename__ = "answer"
    process_id: Mapped[int] = mapped_column(ForeignKey("idea.process_id"), primary_key=True)
    variable: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Idea(Base):
    __tablename__ = "idea"
    process_id: Mapped[int] = mapped_column(primary_key=True)
    process_name: Mapped[str] = mapped_column(unique=True)
    process_description: Mapped[str]
    submission_type: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str] = mapped_column(default="Idea", index=True)
    status: Mapped[str] = mapped_column(default="Awaiting Review", index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.category_id"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.user_id"), index=True)
    created: Mapped[float] = mapped_column(default=time.time)
    updated: Mapped[float] = mapped_column(default=time.time, onupdate=time.time)
    category: Mapped[Category] = relationship()
    owner: Mapped[User] = relationship()
    answers: Mapped[list[Answer]] = relationship(cascade="all, delete-orphan")


class GrantBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    role_id: int = Field(ge=1, le=6)
    category_id: int = Field(ge=0)


class UserBody(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    user_email: str = Field(max_length=320)
    user_first_name: str | None = Field(None, max_length=255)
    user_last_name: str | None = Field(None, max_length=255)
    user_job_title: str | None = Field(None, max_length=255)
    user_business_unit: str | None = Field(None, max_length=255)
    user_department: str | None = Field(None, max_length=255)
    user_location: str | None = Field(None, max_length=255)
    user_is_active: int | None = Field(None, ge=0, le=1)
    user_invite_status: int | None = Field(None, ge=0, le=3)
    user_roles: list[GrantBody] | None = None


class UserOut(UserBody):
    user_id: int
    user_roles: list[GrantBody]


class UserPage(BaseModel):
    totalItems: int
    totalPages: int
    limit: int
    page: int
    users: list[UserOut]


class IdeaBody(BaseModel):
    process_name: str = Field(max_length=255)
    process_description: str
    category_id: int
    answers: dict[str, str] = {}


class IdeaPatch(BaseModel):
    process_description: str | None = None
    answers: dict[str, str] = {}


class StatusBody(BaseModel):
    process_id: int
    phase: str
    status: str


class CategoryOut(BaseModel):
    category_id: int
    category_name: str


class IdeaOut(BaseModel):
    process_id: int
    process_name: str
    process_description: str
    submission_type: int
    phase: str
    status: str
    created: float
    updated: float
    category: CategoryOut
    owner: UserOut
    answers: dict[str, str]


class IdeaPage(BaseModel):
    totalItems: int
    totalPages: int
    limit: int
    page: int
    processes: list[IdeaOut]


class Enveloped(BaseModel):
    message: str = "Success"
    statusCode: int = 200
    data: UserOut | UserPage | IdeaOut | IdeaPage


engine = sa.create_engine(os.environ["REFERENCE_DATABASE"], pool_size=16)
Sessions = sessionmaker(engine)


@event.listens_for(engine, "connect")
def _durable(raw: Any, _record: object) -> None:
    if engine.dialect.name == "sqlite":
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")


def opened() -> Iterator[Session]:
    with Sessions() as session:
        yield session


Db = Annotated[Session, Depends(opened)]


def caller(db: Db, authorization: Annotated[str, Header()]) -> User:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    token = db.scalar(
        select(Token)
        .where(Token.hash == digest)
        .options(selectinload(Token.user).selectinload(User.user_roles))
    )
    if token is None or not token.user.user_is_active:
        raise HTTPException(401)
    return token.user


def writer(who: Annotated[User, Depends(caller)]) -> User:
    if not WRITERS & {grant.role_id for grant in who.user_roles}:
        raise HTTPException(403)
    return who


READS, WRITES = [Depends(caller)], [Depends(writer)]
app = FastAPI(openapi_url=None)


def user_out(found: User) -> UserOut:
    return UserOut.model_validate(found)


def idea_out(found: Idea) -> IdeaOut:
    return IdeaOut(
        process_id=found.process_id,
        process_name=found.process_name,
        process_description=found.process_description,
        submission_type=found.submission_type,
        phase=found.phase,
        status=found.status,
        created=found.created,
        updated=found.updated,
        category=CategoryOut.model_validate(found.category, from_attributes=True),
        owner=user_out(found.owner),
        answers={one.variable: one.value for one in found.answers},
    )


@app.get(PREFIX + "/authinfo")
def authinfo(who: Annotated[User, Depends(caller)]) -> dict[str, Any]:
    return {"message": "Success", "statusCode": 200, "data": {"user_id": who.user_id}}


@app.get(PREFIX + "/users", dependencies=READS)
def list_users(
    db: Db, s: str | None = None, page: int = 1, limit: int = Query(20, le=10_000)
) -> Enveloped:
    where = []
    if s:
        like = f"%{s}%"
        where = [
            or_(
                User.user_email.ilike(like),
                User.user_first_name.ilike(like),
                User.user_last_name.ilike(like),
                User.user_department.ilike(like),
            )
        ]
    total = db.scalar(select(func.count()).select_from(User).where(*where)) or 0
    query = select(User).where(*where).order_by(User.user_id).options(selectinload(User.user_roles))
    found = db.scalars(query.limit(limit).offset((page - 1) * limit))
    users = [user_out(one) for one in found]
    return Enveloped(
        data=UserPage(
            totalItems=total, totalPages=-(-total // limit), limit=limit, page=page, users=users
        )
    )


@app.post(PREFIX + "/adduser", status_code=201, dependencies=WRITES)
def add_user(db: Db, body: UserBody) -> Enveloped:
    if not EMAIL.fullmatch(body.user_email) or not body.user_first_name or not body.user_last_name:
        raise HTTPException(400)
    if db.scalar(select(User.user_id).where(func.lower(User.user_email) == body.user_email)):
        raise HTTPException(409)
    added = User(**body.model_dump(exclude={"user_roles"}, exclude_none=True))
    _check_categories(db, body.user_roles or [])
    added.user_roles = [Grant(**one.model_dump()) for one in body.user_roles or []]
    db.add(added)
    db.commit()
    return Enveloped(statusCode=201, data=user_out(added))


@app.post(PREFIX + "/edituser", status_code=201, dependencies=WRITES)
def edit_user(db: Db, body: UserBody) -> Enveloped:
    query = select(User).where(User.user_email == body.user_email)
    found = db.scalar(query.options(selectinload(User.user_roles)))
    if found is None:
        raise HTTPException(404)
    for name, value in body.model_dump(exclude={"user_roles"}, exclude_unset=True).items():
        setattr(found, name, value)
    if body.user_roles is not None:
        _check_categories(db, body.user_roles)
        found.user_roles = [Grant(**one.model_dump()) for one in body.user_roles]
    db.commit()
    return Enveloped(statusCode=201, data=user_out(found))


def _check_categories(db: Session, grants: list[GrantBody]) -> None:
    for one in grants:
        if one.category_id and db.get(Category, one.category_id) is None:
            raise HTTPException(400)


_WHOLE = (
    selectinload(Idea.category),
    selectinload(Idea.owner).selectinload(User.user_roles),
    selectinload(Idea.answers),
)


@app.get(PREFIX + "/automations", dependencies=READS)
def list_ideas(
    db: Db,
    s: str | None = None,
    phase: str | None = None,
    page: int = 1,
    limit: int = Query(20, le=10_000),
) -> Enveloped:
    where: list[Any] = [Idea.submission_type.in_((1, 2))]
    if phase:
        where.append(Idea.phase == phase)
    if s:
        where.append(
            or_(Idea.process_name.ilike(f"%{s}%"), Idea.process_description.ilike(f"%{s}%"))
        )
    total = db.scalar(select(func.count()).select_from(Idea).where(*where)) or 0
    query = select(Idea).where(*where).order_by(Idea.process_id.desc()).options(*_WHOLE)
    ideas = [idea_out(one) for one in db.scalars(query.limit(limit).offset((page - 1) * limit))]
    return Enveloped(
        data=IdeaPage(
            totalItems=total, totalPages=-(-total // limit), limit=limit, page=page, processes=ideas
        )
    )


@app.get(PREFIX + "/automations/{process_id}", dependencies=READS)
def get_idea(db: Db, process_id: int) -> Enveloped:
    return Enveloped(data=idea_out(_idea(db, process_id)))


def _idea(db: Session, process_id: int) -> Idea:
    found = db.scalar(select(Idea).where(Idea.process_id == process_id).options(*_WHOLE))
    if found is None:
        raise HTTPException(404)
    return found


@app.post(PREFIX + "/automationidea", status_code=201)
def add_idea(who: Annotated[User, Depends(writer)], db: Db, body: IdeaBody) -> Enveloped:
    if db.scalar(select(Idea.process_id).where(Idea.process_name == body.process_name)):
        raise HTTPException(409)
    if db.get(Category, body.category_id) is None:
        raise HTTPException(400)
    added = Idea(
        process_name=body.process_name,
        process_description=body.process_description,
        category_id=body.category_id,
        owner_id=who.user_id,
        answers=[Answer(variable=name, value=value) for name, value in body.answers.items()],
    )
    db.add(added)
    db.commit()
    return Enveloped(statusCode=201, data=idea_out(added))


@app.patch(PREFIX + "/automations/{process_id}", dependencies=WRITES)
def edit_idea(db: Db, process_id: int, body: IdeaPatch) -> Enveloped:
    found = _idea(db, process_id)
    if body.process_description is not None:
        found.process_description = body.process_description
    given = {one.variable: one for one in found.answers}
    for name, value in body.answers.items():
        if name in given:
            given[name].value = value
        else:
            found.answers.append(Answer(variable=name, value=value))
    db.commit()
    return Enveloped(data=idea_out(found))


@app.post(PREFIX + "/automations/status", dependencies=WRITES)
def move_idea(db: Db, body: StatusBody) -> Enveloped:
    found = _idea(db, body.process_id)
    found.phase, found.status = body.phase, body.status
    db.commit()
    return Enveloped(data=idea_out(found))


def fill() -> None:
    """Makes the tables and their rows, unless they are there."""
    if sa.inspect(engine).has_table("token"):
        return
    Base.metadata.create_all(engine)
    count = int(os.environ["REFERENCE_ROWS"])
    digest = hashlib.sha256(os.environ["REFERENCE_TOKEN"].encode()).digest()
    people = [
        {name: value for name, value in user(n).items() if name != "user_roles"}
        for n in range(count)
    ]
    with engine.begin() as db:
        db.execute(
            sa.insert(Category),
            [{"category_id": n, "category_name": f"Category {n}"} for n in range(1, 4)],
        )
        db.execute(sa.insert(User), people)
        db.execute(
            sa.insert(Grant),
            [
                {"user_id": n, "role_id": 1 if n == 1 else 6, "category_id": 0 if n == 1 else 3}
                for n in range(1, count + 1)
            ],
        )
        db.execute(sa.insert(Token), [{"hash": digest, "user_id": 1}])
        db.execute(
            sa.insert(Idea),
            [
                {
                    "process_name": f"Idea {n}",
                    "process_description": f"Reconcile invoices number {n} of the month.",
                    "category_id": 1 + n % 3,
                    "owner_id": 1,
                }
                for n in range(count)
            ],
        )
        db.execute(
            sa.insert(Answer),
            [
                {"process_id": n, "variable": f"question {k}", "value": "3"}
                for n in range(1, count + 1)
                for k in range(10)
            ],
        )


fill()
