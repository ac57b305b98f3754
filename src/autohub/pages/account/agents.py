"""What browsers call themselves, in words by which a person knows their own sessions apart."""

from collections.abc import Callable

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(agent: str | None, text: Callable[[str], str]) -> str:
    """'Firefox on Windows'; sessions of scripts and of the command line have no browser."""
    if not agent:
        return text("A script or the command line")
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser is None:
        return text("Another browser")
    return (
        text("%(browser)s on %(system)s") % {"browser": browser, "system": system}
        if system
        else browser
    )
