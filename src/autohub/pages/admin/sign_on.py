"""Who vouches for people: the providers of sign-on."""

from typing import Any

from autohub.access.model import Right
from autohub.kit.errors import NotFound
from autohub.kit.jsonbody import coerce
from autohub.sign_on import service, store
from autohub.sign_on.model import BACK, Provider, ProviderInput
from autohub.web.page_requests import (
    PageRequest,
    PageRoutes,
    ReadPageRequest,
    Redirect,
    WritePageRequest,
)
from autohub.web.pages import RenderedPage

routes = PageRoutes()
AT, RIGHTS = "/admin/sign-on", (Right.TENANT_SETTINGS,)
TEXTS = ("provider_name", "issuer", "client_id", "client_secret", "group_claim")
FLAGS = ("trusts_emails", "provider_is_active")


def _render(request: PageRequest[Any], provider: Provider | None) -> RenderedPage:
    kept = {
        name: request.form.get(name) if request.error else getattr(provider, name, "") or ""
        for name in TEXTS
    }
    ticked = {
        name: request.form.flag(name) if request.error else getattr(provider, name, 1 - n)
        for n, name in enumerate(reversed(FLAGS))
    }
    return request.page(
        "sign-on.html",
        found=store.list_providers(request.db),
        provider=provider,
        kept=kept | ticked,
        back=request.settings.base_url + BACK,
    )


def show_providers(request: ReadPageRequest) -> RenderedPage:
    return _render(request, None)


def show_provider(request: ReadPageRequest) -> RenderedPage:
    found = store.get_provider(request.db, request.id)
    if found is None:
        raise NotFound(request.reader("There is no such way to sign on."))
    return _render(request, found)


routes("GET", AT, rights=RIGHTS)(show_providers)
routes("GET", f"{AT}/{{provider}}", rights=RIGHTS)(show_provider)


def _save(request: WritePageRequest, provider_id: int | None) -> Redirect:
    body: dict[str, Any] = {name: request.form.get(name) for name in TEXTS}
    body |= {name: request.form.flag(name) for name in FLAGS}
    service.save_provider(
        request.db,
        request.caller,
        provider_id,
        coerce(body, ProviderInput),
        keys=request.installation.keys,
        now=request.now,
    )
    return Redirect(AT, request.reader("“%s” is saved.") % body["provider_name"])


@routes("POST", AT, rights=RIGHTS, on_error=show_providers)
def add_provider(request: WritePageRequest) -> Redirect:
    return _save(request, None)


@routes("POST", f"{AT}/{{provider}}", rights=RIGHTS, on_error=show_provider)
def update_provider(request: WritePageRequest) -> Redirect:
    return _save(request, request.id)
