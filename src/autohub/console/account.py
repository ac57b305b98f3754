"""The front door of the console, the account, Open API tokens and integrations."""

from typing import Any

from autohub.access import tokens
from autohub.access.model import ANY_RIGHT, NewToken, Right, TokenChange
from autohub.benefits import setup
from autohub.categories import store as categories
from autohub.db import outbox
from autohub.home import store as home
from autohub.ideas.store import Filters
from autohub.kit.clock import end_of_day
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.pipeline import store as lists
from autohub.users import store as users
from autohub.web.desk import ADMIN_RIGHTS
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Views, WriteVisit

views = Views()


@views("GET", "/admin", rights=ADMIN_RIGHTS)
def front(visit: ReadVisit) -> Page:
    counted = users.statuses(visit.db)
    ideas = lists.by_phase(visit.db, visit.caller, Filters())
    return visit.page(
        "console-front.html",
        active=counted.get((1, 3), 0),
        pending=counted.get((1, 1), 0) + counted.get((1, 2), 0),
        inactive=sum(n for (active, _), n in counted.items() if not active),
        ideas=sum(n for n, _ in ideas.values()),
        categories=len(categories.all_(visit.db)),
        states=outbox.waiting(visit.db),
        mails=visit.settings.smtp_url is not None,
    )


@views("GET", "/admin/account", rights=(Right.TENANT_SETTINGS,))
def account(visit: ReadVisit) -> Page:
    return visit.page("console-account.html", leaderboard=home.leaderboard_is_on(visit.db), currency=setup.read(visit.db).currency)


@views("POST", "/admin/account", rights=(Right.TENANT_SETTINGS,), again=account)
def switch(visit: WriteVisit) -> See:
    home.switch_leaderboard(visit.db, visit.caller, on=bool(visit.form.flag("leaderboard")), now=visit.now)
    return See("/admin/account", visit.reader("The account's settings are saved."))


@views("GET", "/admin/integrations", rights=(Right.MANAGE_PLATFORM_SETUP,))
def integrations(visit: ReadVisit) -> Page:
    return visit.page("console-integrations.html", states=outbox.waiting(visit.db))


# --- tokens ---


def token_list(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    found, total = tokens.listed(visit.db, visit.caller, part)
    manages = visit.caller.may(Right.MANAGE_USERS)
    return visit.page("tokens.html", found=found, total=total, made=None, manages=manages, admin=visit.caller.is_admin)


views("GET", "/admin/open-api", rights=ANY_RIGHT, params=LISTED)(token_list)


@views("POST", "/admin/open-api", rights=ANY_RIGHT, again=token_list, params=LISTED)
def make_token(visit: WriteVisit) -> Page:
    """Makes a token and shows it this once."""
    form, body = visit.form, {"token_name": visit.form.get("token_name")}
    new: dict[str, Any] = dict(body)
    kind = form.get("kind") or "personal"
    if kind == "tenant":
        new["user_email"] = None
    elif kind == "assigned":
        new["user_email"] = form.get("user_email")
    if form.get("expires"):
        try:
            new["token_expires_epoch"] = end_of_day(form.get("expires"))
        except ValueError:
            raise Invalid(visit.reader("No token was made."), details={"expires": [visit.reader("must be a day.")]}) from None
    if form.flag("with_app_key"):
        new["app_key"] = ""
    mine = visit.installation
    made = tokens.add(visit.db, visit.caller, fit(new, NewToken), tenant_id=mine.tenant_id, secret=mine.secret, now=visit.now)
    found, total = tokens.listed(visit.db, visit.caller, Part(50, 0))
    manages = visit.caller.may(Right.MANAGE_USERS)
    return visit.page("tokens.html", found=found, total=total, made=made, manages=manages, admin=visit.caller.is_admin)


@views("POST", "/admin/open-api/{token}", rights=ANY_RIGHT, again=token_list, params=LISTED)
def change_token(visit: WriteVisit) -> See:
    if visit.form.get("act") == "revoke":
        tokens.revoke(visit.db, visit.caller, visit.id, now=visit.now)
        return See("/admin/open-api", visit.reader("The token is revoked; it can never be woken again."))
    wanted = TokenChange(token_is_active=int(visit.form.get("act") == "on"))
    tokens.change(visit.db, visit.caller, visit.id, wanted, now=visit.now)
    return See("/admin/open-api", visit.reader("The token is switched."))
