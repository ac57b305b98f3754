"""The systems that the hub speaks to: how each stands, and whether it answers."""

from autohub.access.model import Right
from autohub.integrations import store as checks
from autohub.integrations.own import FILES, ISSUER, MAIL
from autohub.integrations.registry import Integration, Surroundings, test_connection
from autohub.kit.errors import NotFound
from autohub.odata.integration import INTEGRATION as FEED
from autohub.scim.integration import INTEGRATION as PROVISIONING
from autohub.sign_on.integration import INTEGRATION as SIGN_ON
from autohub.web.page_requests import ChunkedPageRequest, PageRoutes, ReadPageRequest, Redirect
from autohub.web.pages import RenderedPage
from autohub.webhooks.integration import WEBHOOKS

routes = PageRoutes()
AT, RIGHTS = "/admin/integrations", (Right.MANAGE_PLATFORM_SETUP,)
INTEGRATIONS: tuple[Integration, ...] = (MAIL, SIGN_ON, WEBHOOKS, PROVISIONING, FEED, ISSUER, FILES)
"""In the order of the page; one line here is all that a new one needs."""


@routes("GET", AT, rights=RIGHTS)
def list_integrations(request: ReadPageRequest) -> RenderedPage:
    return request.page(
        "admin-integrations.html",
        found=[(each, each.describe(request.db, request.settings)) for each in INTEGRATIONS],
        checks=checks.list_checks(request.db),
    )


@routes("POST", f"{AT}/test", rights=RIGHTS, transaction="per_chunk", on_error=list_integrations)
def test_integration(request: ChunkedPageRequest) -> Redirect:
    """Speaks to the other side and says what came of it."""
    name = request.form.get("integration")
    chosen = next((each for each in INTEGRATIONS if each.name == name and each.test), None)
    if chosen is None:
        raise NotFound("There is no such integration.")
    where = Surroundings(request.db, request.settings, request.installation)
    fault = test_connection(chosen, where, now=request.now)
    said = request.reader("%(name)s answers as it should.") if fault is None else ""
    return Redirect(AT, said % {"name": request.reader(chosen.title)} if said else "")
