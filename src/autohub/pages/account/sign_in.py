"""Signing in: the password, a second factor for who has one, or a passkey alone."""

from dataclasses import replace
from typing import Any, cast

from autohub.access import passkeys, sessions
from autohub.access.factors import PASSKEY, Answer, list_factors, open_ticket
from autohub.sign_on import store as providers
from autohub.users import passwords as service
from autohub.web.page_requests import (
    ChunkedPageRequest,
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
)
from autohub.web.pages import RenderedPage
from autohub.web.routes import PUBLIC

routes = PageRoutes()
HOME = "/explore"


def next_page(request: PageRequest[Any]) -> str:
    """Where to go after signing in: a page of this hub, whatever the address says."""
    wanted = request.form.get("next") or dict(request.pairs).get("next", "")
    is_ours = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    )
    return wanted if is_ours and not wanted.startswith("/sign-") else HOME


def show_sign_in_form(request: ReadPageRequest) -> RenderedPage | Redirect:
    if request.me is not None:
        return Redirect(next_page(request))
    return request.page(
        "sign-in.html",
        next=next_page(request),
        passkey=_ask_passkey(request, None),
        providers=[p for p in providers.list_providers(request.db) if p.provider_is_active],
    )


def _ask_passkey(request: ReadPageRequest, user_id: int | None) -> passkeys.Request:
    return passkeys.request_answer(
        request.db,
        user_id,
        base_url=request.settings.base_url,
        installation=request.installation,
        now=request.now,
    )


routes("GET", "/sign-in", rights=PUBLIC)(show_sign_in_form)


@routes(
    "POST",
    "/sign-in",
    rights=PUBLIC,
    transaction="per_chunk",
    on_error=show_sign_in_form,
    sign_in=True,
)
def sign_in(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    user_id = service.check_sign_in(
        request.db,
        email=request.form.get("user_email"),
        password=request.form.get("password"),
        address=request.client,
        installation=request.installation,
        now=request.now,
    )
    return begin_session(request, user_id, to=next_page(request))


@routes(
    "POST",
    "/sign-in/passkey",
    rights=PUBLIC,
    transaction="per_chunk",
    on_error=show_sign_in_form,
    sign_in=True,
)
def sign_in_with_passkey(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    user_id = service.check_passkey(
        request.db,
        _answer(request),
        base_url=request.settings.base_url,
        installation=request.installation,
        now=request.now,
    )
    return begin_session(request, user_id, to=next_page(request), has_second_factor=True)


def show_second_step(request: ReadPageRequest, ticket: str = "") -> RenderedPage | Redirect:
    """Asks for the second factor of who has just sent the right password."""
    if not ticket and request.me is not None:
        return Redirect(next_page(request))
    ticket = ticket or request.form.get("ticket")
    user_id, _ = open_ticket(ticket, keys=request.installation.keys, now=request.now)
    has_passkey = any(factor.kind == PASSKEY for factor in list_factors(request.db, user_id))
    return request.page(
        "second-step.html",
        ticket=ticket,
        next=next_page(request),
        passkey=_ask_passkey(request, user_id) if has_passkey else None,
    )


routes("GET", "/sign-in/second", rights=PUBLIC)(show_second_step)


@routes(
    "POST",
    "/sign-in/second",
    rights=PUBLIC,
    transaction="per_chunk",
    on_error=show_second_step,
    sign_in=True,
)
def sign_in_second_step(request: ChunkedPageRequest) -> RenderedPage | Redirect:
    user_id = service.check_second_factor(
        request.db,
        request.form.get("ticket"),
        _answer(request),
        address=request.client,
        base_url=request.settings.base_url,
        installation=request.installation,
        now=request.now,
    )
    return begin_session(request, user_id, to=next_page(request), has_second_factor=True)


def _answer(request: PageRequest[Any]) -> Answer:
    form = request.form
    return Answer(form.get("code"), form.get("passkey"), form.get("state"))


def begin_session(
    request: ChunkedPageRequest,
    user_id: int,
    said: str = "",
    *,
    to: str = HOME,
    has_second_factor: bool = False,
) -> RenderedPage | Redirect:
    """Signs a person in, in a new session, who has just proved who they are; whoever has a second
    factor that was not asked for yet is asked first."""
    if not has_second_factor:
        with request.db.reading() as db:
            ticket = service.make_ticket(
                db, user_id, installation=request.installation, now=request.now
            )
            if ticket is not None:
                asking: Any = replace(request, db=cast("Any", db))
                return show_second_step(asking, ticket)
    token = request.db.write(
        lambda db: service.open_browser_session(
            db,
            user_id,
            hours=request.settings.session_hours,
            client=request.agent,
            reader=request.reader,
            installation=request.installation,
            now=request.now,
            has_second_factor=has_second_factor,
        )
    )
    _end_former(request)
    return Redirect(to, said, {"session": token})


def _end_former(request: ChunkedPageRequest) -> None:
    """Ends the session that the browser had until now, unless it has ended."""
    caller, session_id = request.caller, request.caller.session_id
    if session_id is not None:
        request.db.write(
            lambda db: sessions.replace_session(db, caller, session_id, now=request.now)
        )
