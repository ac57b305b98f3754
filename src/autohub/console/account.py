"""The front door of the console, the account, Open API tokens, integrations, and the audit log."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from autohub.access import tokens
from autohub.access.model import ANY_RIGHT, NewToken, Right, TokenChange
from autohub.audit import store as audit
from autohub.benefits import setup
from autohub.categories import store as categories
from autohub.db import outbox
from autohub.home import store as home
from autohub.ideas.store import Filters
from autohub.kit import tabular
from autohub.kit.clock import end_of_day, iso
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import fit
from autohub.kit.query import Page as Part
from autohub.kit.query import Param
from autohub.pipeline import store as lists
from autohub.users import store as users
from autohub.web.desk import ADMIN_RIGHTS
from autohub.web.pages import Page
from autohub.web.views import AT_MOST, LISTED, ReadVisit, See, Sent, Views, Visit, WriteVisit

views = Views()
EXPORTED = 50_000


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


# --- audit ---

AUDITED = (
    *LISTED,
    Param("action", "text", ""),
    Param("kind", "text", ""),
    Param("id", "number", ""),
    Param("by", "number", ""),
    Param("since", "text", ""),
    Param("until", "text", ""),
)


def _entries(visit: Visit[Any], part: Part) -> tuple[list[Any], int]:
    query = visit.query

    def day(name: str, *, end: bool) -> int | None:
        text = query.get(name)
        if not text:
            return None
        try:
            last = end_of_day(text)
        except ValueError:
            fault = visit.reader("must be a day such as 2026-01-31.")
            raise Invalid(visit.reader("The days are not right."), details={name: [fault]}) from None
        return last if end else last - 86_399_999

    return audit.entries(
        visit.db,
        part,
        object_type=query.get("kind"),
        object_id=query.get("id"),
        actor_user_id=query.get("by"),
        action=query.get("action"),
        since=day("since", end=False),
        until=day("until", end=True),
    )


@views("GET", "/admin/audit", rights=(Right.AUDIT_LOGS,), params=AUDITED)
def audit_log(visit: ReadVisit) -> Page:
    part = Part(min(visit.query.page.limit, AT_MOST), visit.query.page.offset)
    found, total = _entries(visit, part)
    people = lists.names(visit.db, {e.actor_user_id for e in found if e.actor_user_id is not None})
    people |= lists.names(visit.db, {e.object_id for e in found if e.object_type == "user" and e.object_id is not None})
    ideas = {row.process_id: row for row in lists.rows(visit.db, sorted({e.object_id for e in found if e.object_type == "idea"} - {None}))}
    return visit.page("audit.html", found=found, total=total, people=people, ideas=ideas)


@views("GET", "/admin/audit/export", rights=(Right.AUDIT_LOGS,), params=AUDITED)
def audit_export(visit: ReadVisit) -> Sent:
    found, _ = _entries(visit, Part(EXPORTED, 0))
    people = lists.names(visit.db, {e.actor_user_id for e in found if e.actor_user_id is not None})
    headings = ["When (UTC)", "Who", "Door", "Action", "What", "Number", "Before", "After"]
    rows = (
        [
            iso(e.at_epoch),
            people.get(e.actor_user_id or 0, ""),
            e.door,
            e.action,
            e.object_type,
            str(e.object_id or ""),
            msgspec.json.encode(e.before).decode() if e.before else None,
            msgspec.json.encode(e.after).decode() if e.after else None,
        ]
        for e in found
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit.csv"
        tabular.write(path, "csv", headings, rows)
        return Sent(f"audit-{iso(visit.now)[:10]}.csv", path.read_bytes(), "text/csv; charset=utf-8")
