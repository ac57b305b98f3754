"""The link with which the first person registers."""

from autohub.access.authentication import Installation
from autohub.kit.seal import sign
from autohub.settings import Settings

FIRST = "first-"


def first_person_link(*, settings: Settings, installation: Installation) -> str:
    """It works until somebody became Account Owner."""
    return (
        f"{settings.base_url}/register/"
        f"{FIRST}{sign(installation.secret, 'first person', installation.tenant_id)}"
    )
