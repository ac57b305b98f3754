"""The three addresses at which the same calls answer (contract 1.1)."""

from autohub.kit.errors import NotFound
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.settings import Settings

MARK = "automationhub_"


def path_below(path: str, settings: Settings) -> str:
    """The path without `/automationhub_` or `/{org}/{tenant}/automationhub_`. Raises NotFound for
    another organisation's."""
    if MARK not in path[:200].lower():
        return path
    parts = path.split("/")[1:]
    if parts[0].lower() == MARK:
        return "/" + "/".join(parts[1:])
    if len(parts) < 3 or parts[2].lower() != MARK:
        return path
    ours = (settings.organisation.lower(), settings.tenant.lower())
    if (parts[0].lower(), parts[1].lower()) != ours:
        raise NotFound(
            say(
                "Tenant “{tenant}” not found in organization “{organization}”.",
                tenant=shorten(parts[1]),
                organization=shorten(parts[0]),
            )
        )
    return "/" + "/".join(parts[3:])
