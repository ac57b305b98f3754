"""The row of webhooks on Admin › Integrations."""

from autohub.db.engine import Reading
from autohub.integrations.registry import Condition, Integration
from autohub.kit.sentences import say
from autohub.kit.text import N_
from autohub.settings import Settings
from autohub.webhooks import store


def _describe(db: Reading, _: Settings) -> Condition:
    counts = store.count_by_state(db)
    if not counts:
        return Condition("off", "There are none yet.")
    paused = counts.get("paused", 0) + counts.get("gone", 0)
    return Condition(
        "on", say("{on} on, {paused} not served.", on=counts.get("on", 0), paused=paused)
    )


WEBHOOKS = Integration(
    name="webhooks",
    title=N_("Webhooks"),
    about=N_("Other systems and chats are called when something happens."),
    icon="plug",
    describe=_describe,
    page="/webhooks",
    log="/webhooks",
)
