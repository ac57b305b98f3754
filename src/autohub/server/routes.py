"""Every call of the Open API, in the order of its reference, and every page and form."""

from functools import cache

from autohub.access.model import ANY_RIGHT
from autohub.applications.api import routes as applications
from autohub.assessments.api import routes as assessments
from autohub.benefits.api import routes as benefits
from autohub.categories.api import routes as categories
from autohub.collaborators.api import routes as collaborators
from autohub.components.api import routes as components
from autohub.discussions.api import routes as discussions
from autohub.documents.api import routes as documents
from autohub.drafts.api import routes as drafts
from autohub.events.api import routes as events
from autohub.flows.api import routes as flows
from autohub.ideas.api import routes as ideas
from autohub.ideas.bulk_api import routes as bulk_of_ideas
from autohub.ideas.tasks_api import routes as tasks
from autohub.imports.api import routes as imports
from autohub.invitations.api import routes as invitations
from autohub.notifications.api import routes as notifications
from autohub.odata.api import routes as odata
from autohub.pages.account.pages import routes as account_pages
from autohub.pages.account.second_factors import routes as second_factor_pages
from autohub.pages.account.sign_in import routes as sign_in_pages
from autohub.pages.account.sign_on import routes as sign_on_pages
from autohub.pages.admin.routes import ADMIN
from autohub.pages.dashboards.pages import routes as dashboard_pages
from autohub.pages.home.routes import HOME
from autohub.pages.idea.routes import IDEA
from autohub.pages.pipeline.routes import PIPELINE
from autohub.pages.submit.pages import routes as submit_pages
from autohub.pages.webhooks.pages import routes as webhook_pages
from autohub.roles.api import audit_routes, role_routes
from autohub.roles.credentials_api import token_routes
from autohub.scim.api import routes as scim
from autohub.server.reference import list_dictionary
from autohub.users.api import routes as users
from autohub.web.dictionary import OutputDictionary
from autohub.web.routes import ReadApiRequest, Route, Routes, join
from autohub.webhooks.api import routes as webhooks

reference = Routes("Reference")


@reference(
    "GET",
    "/dictionary",
    rights=ANY_RIGHT,
    tenant_level=True,
    answer=OutputDictionary,
    example={
        "fields": [
            {
                "field": "errorDetails",
                "meaning": "Every fault by its field.",
                "unit": None,
                "type": "object",
                "source": "guide",
                "records": ["Error"],
                "example": {"user_email": ["is required."]},
            }
        ]
    },
)
def list_fields(_: ReadApiRequest) -> OutputDictionary:
    """Explains every field of every record: the Output Dictionary"""
    return output_dictionary()


@cache
def output_dictionary() -> OutputDictionary:
    """That of all calls, which is the same for the life of a process."""
    return OutputDictionary(list_dictionary(ROUTES))


ROUTES: tuple[Route, ...] = join(
    users,
    invitations,
    role_routes,
    token_routes,
    categories,
    applications,
    ideas,
    bulk_of_ideas,
    tasks,
    drafts,
    collaborators,
    discussions,
    documents,
    components,
    benefits,
    notifications,
    imports,
    assessments,
    flows,
    audit_routes,
    events,
    webhooks,
    reference,
)
"""Every call of the Open API."""

PAGES: tuple[Route, ...] = (
    *join(sign_in_pages, account_pages, second_factor_pages, sign_on_pages),
    *HOME,
    *PIPELINE,
    *join(submit_pages),
    *IDEA,
    *ADMIN,
    *join(dashboard_pages),
    *join(webhook_pages),
)
"""Every page, and what every form on it does."""

MOUNTS: tuple[Route, ...] = join(scim, odata)
"""What speaks another protocol than the Open API, and is described by that."""
