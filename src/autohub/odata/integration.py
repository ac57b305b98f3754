"""The feed among the integrations."""

from autohub.db.engine import Reading
from autohub.integrations.registry import Condition, Integration
from autohub.kit.text import N_
from autohub.odata.api import PREFIX
from autohub.settings import Settings


def _describe(_: Reading, settings: Settings) -> Condition:
    return Condition("on", f"{settings.base_url}{PREFIX}/")


INTEGRATION = Integration(
    name="odata",
    title=N_("Data feed (OData)"),
    about=N_("Power BI, Excel and other readers, with an Open API token as the password."),
    icon="chart-bar",
    describe=_describe,
    page="/admin/open-api",
)
