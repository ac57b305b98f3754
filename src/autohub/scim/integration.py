"""Provisioning among the integrations."""

from autohub.access import credential_store
from autohub.access.model import SCIM
from autohub.db.engine import Reading
from autohub.integrations.registry import Condition, Integration
from autohub.kit.clock import iso
from autohub.kit.sentences import say
from autohub.kit.text import N_
from autohub.scim.api import PREFIX
from autohub.settings import Settings


def _describe(db: Reading, settings: Settings) -> Condition:
    found = credential_store.list_tokens_of_kind(db, SCIM)
    if not found:
        return Condition("off", "There is no SCIM token; an Account Owner makes one.")
    url = settings.base_url + PREFIX
    used = max((row.last_used_epoch or 0 for row in found), default=0)
    if not used:
        return Condition("on", say("{url}, and nobody has called yet.", url=url))
    return Condition("on", say("{url}, called last at {time}.", url=url, time=iso(used)))


INTEGRATION = Integration(
    name="scim",
    title=N_("Provisioning (SCIM)"),
    about=N_("A directory such as Entra ID or Okta keeps people and groups."),
    icon="users",
    describe=_describe,
    page="/admin/open-api",
)
