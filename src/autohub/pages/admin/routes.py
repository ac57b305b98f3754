"""The pages of administrators."""

from autohub.pages.admin import (
    access,
    account,
    apps,
    audit,
    documents,
    drafting,
    flows,
    forms,
    integrations,
    pipeline,
    setup,
    sign_on,
    user_actions,
    user_imports,
    user_panel,
    users,
)
from autohub.web.routes import join

ADMIN = join(
    account.routes,
    integrations.routes,
    audit.routes,
    access.routes,
    users.routes,
    user_panel.routes,
    user_actions.routes,
    setup.routes,
    sign_on.routes,
    apps.routes,
    documents.routes,
    forms.routes,
    drafting.routes,
    flows.routes,
    pipeline.routes,
    user_imports.routes,
)
