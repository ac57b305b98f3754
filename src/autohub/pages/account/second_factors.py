"""One's own second factors: apps that make codes, passkeys, and codes on paper."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.users import second_factors as service
from autohub.web.page_presenter import SECOND_FACTORS
from autohub.web.page_requests import PageRoutes, ReadPageRequest, Redirect, WritePageRequest
from autohub.web.pages import LINK_HEADERS, RenderedPage

routes = PageRoutes()


def show_factors(request: ReadPageRequest) -> RenderedPage:
    found, left = service.list_factors(request.db, request.caller)
    return request.page(
        "second-factors.html",
        found=found,
        left=left,
        asked=service.request_passkey(request.db, request.caller, **_hub(request)),
    )


def _hub(request: Any) -> dict[str, Any]:
    return {
        "base_url": request.settings.base_url,
        "installation": request.installation,
        "now": request.now,
    }


routes("GET", SECOND_FACTORS, rights=ANY_RIGHT, before_second_factor=True)(show_factors)


def show_app_form(request: ReadPageRequest) -> RenderedPage:
    setup = service.begin_totp(
        request.db,
        request.caller,
        begun=request.form.get("setup"),
        installation=request.installation,
        now=request.now,
    )
    shown = request.page("second-factor-app.html", setup=setup)
    return shown._replace(headers=LINK_HEADERS)  # no browser keeps the key


routes("GET", f"{SECOND_FACTORS}/app", rights=ANY_RIGHT, before_second_factor=True)(show_app_form)


@routes(
    "POST",
    f"{SECOND_FACTORS}/app",
    rights=ANY_RIGHT,
    on_error=show_app_form,
    before_second_factor=True,
)
def add_app(request: WritePageRequest) -> RenderedPage | Redirect:
    form = request.form
    added = service.add_totp(
        request.db,
        request.caller,
        sealed=form.get("setup"),
        code=form.get("code"),
        name=form.get("factor_name"),
        installation=request.installation,
        now=request.now,
    )
    return _done(request, added, request.reader("The app is added."))


@routes(
    "POST",
    f"{SECOND_FACTORS}/passkey",
    rights=ANY_RIGHT,
    on_error=show_factors,
    before_second_factor=True,
)
def add_passkey(request: WritePageRequest) -> RenderedPage | Redirect:
    form = request.form
    added = service.add_passkey(
        request.db,
        request.caller,
        form.get("passkey"),
        form.get("state"),
        form.get("factor_name"),
        **_hub(request),
    )
    return _done(request, added, request.reader("The passkey is added."))


def _done(request: WritePageRequest, added: service.Added, said: str) -> RenderedPage | Redirect:
    if added.recovery_codes:
        return request.page("recovery-codes.html", codes=added.recovery_codes)
    return Redirect(SECOND_FACTORS, said)


@routes("POST", f"{SECOND_FACTORS}/codes", rights=ANY_RIGHT, on_error=show_factors)
def renew_codes(request: WritePageRequest) -> RenderedPage:
    codes = service.renew_codes(request.db, request.caller, now=request.now)
    return request.page("recovery-codes.html", codes=codes)


@routes("POST", f"{SECOND_FACTORS}/{{factor}}/remove", rights=ANY_RIGHT, on_error=show_factors)
def remove_factor(request: WritePageRequest) -> Redirect:
    service.remove_factor(request.db, request.caller, request.id, now=request.now)
    return Redirect(SECOND_FACTORS, request.reader("It is removed."))
