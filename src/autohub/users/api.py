"""The calls about accounts (contract 2.3 and our own beside it)."""

from typing import Any

from autohub.access.model import Right
from autohub.invitations import service as invitations
from autohub.invitations.model import Invitation
from autohub.kit.errors import Invalid
from autohub.kit.query import ATOMIC, DRY_RUN, PAGING, REPORT, SEARCH, Param, sorting
from autohub.kit.tablefile import FOUND, MEDIA, choice_of
from autohub.kit.tablefile import PARAMS as TABLE_PARAMS
from autohub.kit.toml import read_entries
from autohub.users import bulk, examples, service, store
from autohub.users.columns import UserMapping
from autohub.users.model import (
    STATUS_FIELDS,
    TEXTS,
    BulkReport,
    InvitationRequest,
    NewEmail,
    NewUser,
    Reassign,
    User,
    UserAccess,
    UserDetail,
    UserEdit,
    UserPatch,
)
from autohub.users.planning import find_further_faults
from autohub.users.rows import Source
from autohub.web.routes import (
    ChunkedApiRequest,
    Paged,
    RawBody,
    ReadApiRequest,
    Routes,
    WriteApiRequest,
)

routes = Routes("Users")
ADD, EDIT = (Right.MANAGE_USERS,), (Right.MANAGE_USERS_ROLES,)

_FILTERS = (
    *(
        Param(name, "text", f"Accounts whose {name} is this; case does not matter.", multi=True)
        for name in TEXTS
    ),
    Param("user_is_active", "choice", "0 or 1.", choices=("0", "1"), multi=True),
    Param(
        "user_invite_status",
        "choice",
        "0 to 3, see the status table.",
        choices=("0", "1", "2", "3"),
        multi=True,
    ),
    Param("user_id", "number", "The account with this id.", multi=True),
    Param(
        "user_roles", "number", "Accounts that hold this role id.", multi=True, alias=("role_id",)
    ),
    Param(
        "inviteStatus",
        "choice",
        "By the status table; everyone unless given.",
        choices=("all", "active", "inactive", "pending"),
        alias=("invite",),
    ),
    Param("trashed", "flag", "1: what is in the trash instead."),
)


@routes(
    "GET",
    "/users",
    rights=ADD,
    tenant_level=True,
    cached=True,
    params=(*PAGING, *SEARCH, *sorting("user_id", *TEXTS, *STATUS_FIELDS), *_FILTERS),
    answer=Paged("users", User),
    example=examples.PAGE,
)
def list_users(request: ReadApiRequest) -> Any:
    """Lists accounts

    Everyone outside the trash, a page at a time, by id unless `sort` is given.
    """
    query = request.query
    filters: dict[str, list[Any]] = {name: query.all(name) for name in (*TEXTS, "user_id")}
    filters |= {name: [int(value) for value in query.all(name)] for name in STATUS_FIELDS}
    users, total = store.list_users(
        request.db,
        query.page,
        text=query.get("s"),
        filters=filters,
        statuses=query.get("inviteStatus"),
        role_ids=query.all("user_roles"),
        sort=query.sort,
        trashed=bool(query.get("trashed")),
    )
    return query.page.envelope("users", users, total)


@routes(
    "POST",
    "/adduser",
    rights=ADD,
    tenant_level=True,
    body=NewUser,
    extra_checks=lambda db, caller, value: find_further_faults(db, caller, [value], mode="add")[0],
    body_example=examples.NEW,
    status=201,
    message="Resource Updated",
    answer=User,
    example=examples.USER,
    errors=(409,),
)
def add_user(request: WriteApiRequest) -> User:
    """Adds an account

    `user_invite_status` 2 mails an invitation; 3 is refused, because nobody is Active before
    registering.
    """
    return service.add_user(
        request.db, request.caller, request.body, settings=request.settings, now=request.now
    )


@routes(
    "POST",
    "/edituser",
    rights=EDIT,
    tenant_level=True,
    body=UserEdit,
    extra_checks=lambda db, caller, value: find_further_faults(db, caller, [value], mode="edit")[0],
    subject_path="/users/{user_id}",
    subject=lambda db, body: service.name_account(db, body.user_email),
    body_example=examples.EDIT,
    status=201,
    message="Resource Updated",
    answer=User,
    example=examples.USER,
    errors=(404, 409),
)
def edit_user(request: WriteApiRequest) -> User:
    """Changes the account with this e-mail

    Keys that are sent replace, absent ones stay; null clears an optional text; `user_roles`
    replaces the whole list.
    """
    return service.edit_user(
        request.db, request.caller, request.body, settings=request.settings, now=request.now
    )


_KINDS = {"application/json": "json", "application/x-ndjson": "ndjson", **MEDIA}


@routes(
    "POST",
    "/users/bulk",
    rights=(*ADD, *EDIT),
    tenant_level=True,
    transaction="per_chunk",
    body=RawBody,
    row=UserEdit,
    table_example=examples.TABLE,
    large=True,
    answer=BulkReport,
    body_example=[examples.EDIT, examples.NEW],
    example=examples.REPORT,
    errors=(409,),
    media=tuple(_KINDS),
    params=(
        ATOMIC,
        DRY_RUN,
        Param("mode", "choice", "upsert unless given.", choices=("upsert", "add", "edit")),
        REPORT,
        Param(
            "mapping",
            "text",
            "How the columns of a table are to be read, as JSON: what `autohub users import --map` "
            "reads as TOML.",
        ),
        *TABLE_PARAMS,
    ),
)
def save_users_in_bulk(request: ChunkedApiRequest) -> BulkReport:
    """Adds and edits many accounts

    An unknown address is added by the rules of adduser, a known one edited by the rules of
    edituser. Rows are committed in chunks unless `atomic`. In CSV an empty cell is an absent key,
    and roles change only where a role column is filled.
    """
    rows: RawBody = request.body
    if not rows.raw.strip():
        raise Invalid("The body is empty; send a JSON array, NDJSON, CSV or a workbook.")
    with request.db.reading() as db:
        names = bulk.role_names(db)
    query = request.query
    text = query.get("mapping")
    mapping = None if text is None else read_entries(text, UserMapping)
    choice = choice_of(query).over(mapping.choice if mapping else FOUND)
    return bulk.run_bulk(
        request.db,
        request.caller,
        Source(rows.raw, _KINDS[rows.media], names, choice, mapping),
        mode=query.get("mode") or "upsert",
        atomic=query.get("atomic") == "true",
        dry_run=query.get("dryRun") == "true",
        keep=bulk.ALL if query.get("report") == "all" else bulk.FAILED,
        settings=request.settings,
    )


@routes(
    "GET",
    "/users/{user_id}",
    rights=ADD,
    tenant_level=True,
    cached=True,
    answer=UserDetail,
    example=examples.DETAIL,
)
def get_user(request: ReadApiRequest) -> Any:
    """Shows one account, in the trash or not"""
    return service.get_user(request.db, request.id)


@routes(
    "PATCH",
    "/users/{user_id}",
    rights=EDIT,
    tenant_level=True,
    body=UserPatch,
    extra_checks=lambda db, caller, value: find_further_faults(db, caller, [value], mode="edit")[0],
    body_example=examples.PATCH,
    answer=User,
    example=examples.USER,
    errors=(409,),
)
def patch_user(request: WriteApiRequest) -> User:
    """Changes one account; as /edituser, by id"""
    return service.patch_user(
        request.db,
        request.caller,
        request.id,
        request.body,
        settings=request.settings,
        now=request.now,
    )


@routes(
    "DELETE",
    "/users/{user_id}",
    rights=EDIT,
    tenant_level=True,
    answer=None,
    example=None,
    errors=(409,),
)
def trash_user(request: WriteApiRequest) -> None:
    """Moves an account to the trash

    Its tokens and sessions end. It can be restored, until it is erased.
    """
    service.trash_user(request.db, request.caller, request.id, now=request.now)


@routes(
    "POST",
    "/users/{user_id}/restore",
    rights=EDIT,
    tenant_level=True,
    message="Resource Updated",
    answer=User,
    example=examples.USER,
    errors=(409,),
)
def restore_user(request: WriteApiRequest) -> User:
    """Takes an account out of the trash"""
    return service.restore_user(request.db, request.caller, request.id, now=request.now)


@routes(
    "POST",
    "/users/{user_id}/erase",
    rights=EDIT,
    tenant_level=True,
    message="Resource Deleted",
    answer=None,
    example=None,
    errors=(409,),
)
def erase_user(request: WriteApiRequest) -> None:
    """Erases a trashed account's personal data, for good

    It goes from the audit, the outbox and the search too; what the person made keeps an anonymous
    author.
    """
    service.erase_user(request.db, request.caller, request.id, now=request.now, above=request.above)


@routes(
    "PUT",
    "/users/{user_id}/email",
    rights=EDIT,
    tenant_level=True,
    body=NewEmail,
    body_example={"user_email": "jane.smith@example.com"},
    answer=User,
    example=examples.USER,
    errors=(409,),
)
def change_email(request: WriteApiRequest) -> User:
    """Gives an account another address

    The old one stays as an alias: imports and edits that use it still find the account.
    """
    return service.change_email(
        request.db, request.caller, request.id, request.body.user_email, now=request.now
    )


@routes(
    "DELETE",
    "/users/{user_id}/email",
    rights=EDIT,
    tenant_level=True,
    answer=None,
    example=None,
    params=(Param("user_email", "text", "The former address to let go."),),
)
def release_alias(request: WriteApiRequest) -> None:
    """Releases a former address, so that a new account may have it"""
    address = request.query.get("user_email")
    if not address:
        raise Invalid("Say which address.", details={"user_email": ["is required in the query."]})
    service.release_alias(request.db, request.caller, request.id, address, now=request.now)


@routes(
    "POST",
    "/users/{user_id}/reassign",
    rights=EDIT,
    tenant_level=True,
    body=Reassign,
    body_example={"to_user_id": 8, "deactivate": 1},
    message="Resource Updated",
    answer=dict[str, int],
    example={"tokens": 2, "ideas": 4, "seats": 1},
    errors=(409,),
)
def reassign_user(request: WriteApiRequest) -> dict[str, int]:
    """Gives a leaver's duties to somebody else, and deactivates the leaver

    Ideas and seats move. All of the leaver's tokens end, personal and assigned ones, because the
    leaver knows them; `tokens` says how many. Make new ones for scripts that go on.
    """
    return service.reassign_user(
        request.db,
        request.caller,
        request.id,
        request.body,
        settings=request.settings,
        now=request.now,
        above=request.above,
    )


@routes(
    "GET",
    "/users/{user_id}/access",
    rights=ADD,
    tenant_level=True,
    answer=UserAccess,
    example=examples.ACCESS,
)
def explain_access(request: ReadApiRequest) -> Any:
    """Why may this person do what?

    Every right with the roles, categories and groups that give it.
    """
    return service.explain_access(request.db, request.id)


@routes(
    "GET",
    "/users/{user_id}/invitations",
    rights=ADD,
    tenant_level=True,
    params=PAGING,
    answer=Paged("invitations", Invitation),
    example=examples.INVITATIONS,
)
def list_user_invitations(request: ReadApiRequest) -> Any:
    """Lists a person's invitations and what became of their mails"""
    service.get_account(request.db, request.id)
    page = request.query.page
    found, total = invitations.list_invitations(
        request.db,
        page,
        user_id=request.id,
        only_open=False,
        settings=request.settings,
        now=request.now,
    )
    return page.envelope("invitations", found, total)


@routes(
    "POST",
    "/users/{user_id}/invitations",
    rights=EDIT,
    tenant_level=True,
    body=InvitationRequest,
    body_example={"send_mail": 1},
    status=201,
    message="Resource Created",
    answer=Invitation,
    example=examples.INVITATION,
    errors=(409,),
)
def invite_user(request: WriteApiRequest) -> Invitation:
    """Invites a person again, by mail or with a link to hand over"""
    service.invite_user(
        request.db,
        request.caller,
        request.id,
        send_mail=bool(request.body.send_mail),
        settings=request.settings,
        now=request.now,
    )
    found, _ = invitations.list_invitations(
        request.db,
        request.query.page,
        user_id=request.id,
        only_open=True,
        settings=request.settings,
        now=request.now,
    )
    return found[0]
