"""The front door of the console, the account, and Open API tokens."""

from typing import Any

from autohub.access import tokens
from autohub.access.model import ANY_RIGHT, SCIM, NewToken, Right, TokenChange
from autohub.benefits import setup
from autohub.categories import store as categories
from autohub.db import outbox
from autohub.ideas.list_store import Filters
from autohub.kit.clock import end_of_day
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import coerce
from autohub.kit.query import Page as Part
from autohub.leaderboard import service as leaderboard
from autohub.leaderboard import store as leaderboard_store
from autohub.pages.shared import store as lists
from autohub.roles.minting import mint_token
from autohub.users import store as users
from autohub.web.page_presenter import ADMIN_RIGHTS
from autohub.web.page_requests import (
    AT_MOST,
    LISTED,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()


@routes("GET", "/admin", rights=ADMIN_RIGHTS)
def show_admin_home(request: ReadPageRequest) -> RenderedPage:
    counted = users.count_by_status(request.db)
    ideas = lists.sum_by_phase(request.db, request.caller, Filters())
    return request.page(
        "admin-front.html",
        active=counted.get((1, 3), 0),
        pending=counted.get((1, 1), 0) + counted.get((1, 2), 0),
        inactive=sum(n for (active, _), n in counted.items() if not active),
        ideas=sum(n for n, _ in ideas.values()),
        categories=len(categories.all_categories(request.db)),
        states=outbox.count_by_state(request.db),
        mails=request.settings.smtp_url is not None,
    )


@routes("GET", "/admin/account", rights=(Right.TENANT_SETTINGS,))
def show_account_settings(request: ReadPageRequest) -> RenderedPage:
    return request.page(
        "admin-account.html",
        leaderboard=leaderboard_store.is_switched_on(request.db),
        currency=setup.get_setup(request.db).currency,
    )


@routes("POST", "/admin/account", rights=(Right.TENANT_SETTINGS,), on_error=show_account_settings)
def switch_setting(request: WritePageRequest) -> Redirect:
    leaderboard.switch(
        request.db, request.caller, on=bool(request.form.flag("leaderboard")), now=request.now
    )
    return Redirect("/admin/account", request.reader("The account's settings are saved."))


# --- tokens ---


def list_tokens(request: ReadPageRequest) -> RenderedPage:
    part = Part(min(request.query.page.limit, AT_MOST), request.query.page.offset)
    found, total = tokens.list_tokens(request.db, request.caller, part)
    manages = request.caller.may(Right.MANAGE_USERS)
    return request.page(
        "tokens.html",
        found=found,
        total=total,
        made=None,
        manages=manages,
        admin=request.caller.is_admin,
        owner=request.caller.is_owner,
    )


routes("GET", "/admin/open-api", rights=ANY_RIGHT, params=LISTED)(list_tokens)


@routes("POST", "/admin/open-api", rights=ANY_RIGHT, on_error=list_tokens, params=LISTED)
def create_token(request: WritePageRequest) -> RenderedPage:
    """Makes a token and shows it this once."""
    form, body = request.form, {"token_name": request.form.get("token_name")}
    new: dict[str, Any] = dict(body)
    kind = form.get("kind") or "personal"
    if kind == "tenant":
        new["user_email"] = None
    elif kind == SCIM:
        new["token_kind"] = SCIM
    elif kind == "assigned":
        new["user_email"] = form.get("user_email")
    if form.get("expires"):
        try:
            new["token_expires_epoch"] = end_of_day(form.get("expires"))
        except ValueError:
            raise Invalid(
                request.reader("No token was made."),
                details={"expires": [request.reader("must be a day.")]},
            ) from None
    if form.flag("with_app_key"):
        new["app_key"] = ""
    mine = request.installation
    made = mint_token(
        request.db,
        request.caller,
        coerce(new, NewToken),
        tenant_id=mine.tenant_id,
        secret=mine.secret,
        now=request.now,
    )
    found, total = tokens.list_tokens(request.db, request.caller, Part(50, 0))
    manages = request.caller.may(Right.MANAGE_USERS)
    return request.page(
        "tokens.html",
        found=found,
        total=total,
        made=made,
        manages=manages,
        admin=request.caller.is_admin,
        owner=request.caller.is_owner,
    )


@routes(
    "POST",
    "/admin/open-api/{token}/revoke",
    rights=ANY_RIGHT,
    on_error=list_tokens,
    params=LISTED,
)
def revoke_token(request: WritePageRequest) -> Redirect:
    tokens.revoke_token(request.db, request.caller, request.id, now=request.now)
    return Redirect(
        "/admin/open-api", request.reader("The token is revoked; it can never be woken again.")
    )


@routes(
    "POST",
    "/admin/open-api/{token}/switch",
    rights=ANY_RIGHT,
    on_error=list_tokens,
    params=LISTED,
)
def switch_token(request: WritePageRequest) -> Redirect:
    """Switches a token on or off."""
    wanted = TokenChange(token_is_active=request.form.flag("token_is_active"))
    tokens.update_token(request.db, request.caller, request.id, wanted, now=request.now)
    return Redirect("/admin/open-api", request.reader("The token is switched."))
