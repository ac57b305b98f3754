"""Sign-on among the integrations."""

from autohub.db.engine import Reading
from autohub.integrations.outbound_errors import NotReached
from autohub.integrations.registry import Condition, Integration, Surroundings
from autohub.kit.text import N_
from autohub.settings import Settings
from autohub.sign_on import store
from autohub.sign_on.protocol import Client


def _describe(db: Reading, _: Settings) -> Condition:
    active = [each for each in store.list_providers(db) if each.provider_is_active]
    if not active:
        return Condition("off", "Nobody vouches for people: they sign in with passwords.")
    return Condition("on", ", ".join(f"{each.provider_name} ({each.issuer})" for each in active))


def _test(where: Surroundings) -> None:
    with where.database.reading() as db:
        active = [each for each in store.list_providers(db) if each.provider_is_active]
    if not active:
        raise NotReached("No provider is set up.")
    for each in active:
        Client(where.settings, each.issuer).discover()


INTEGRATION = Integration(
    name="sign-on",
    title=N_("Sign-on (OpenID Connect)"),
    about=N_("People sign in with the account that they have at your identity provider."),
    icon="lock",
    describe=_describe,
    page="/admin/sign-on",
    test=_test,
)
