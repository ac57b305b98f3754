"""Templates, and the headers that every page carries."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

PACKAGE = Path(__file__).parent.parent
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
REFERENCE_HEADERS = SECURITY_HEADERS | {
    # Swagger UI sets style attributes by script; scripts stay as strict as everywhere.
    "content-security-policy": SECURITY_HEADERS["content-security-policy"].replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
    "cache-control": "private, max-age=300",
}


class Page(NamedTuple):
    status: int
    html: str
    headers: dict[str, str]


@cache
def _templates() -> jinja2.Environment:
    folders = sorted(PACKAGE.glob("*/templates"))
    return jinja2.Environment(loader=jinja2.FileSystemLoader(folders), autoescape=True, undefined=jinja2.StrictUndefined)


def page(template: str, *, status: int = 200, headers: dict[str, str] = SECURITY_HEADERS, **values: Any) -> Page:
    """A page from a noun's `templates/`; every value is escaped."""
    return Page(status, _templates().get_template(template).render(values), headers)


def notice(heading: str, text: str, *, status: int = 200) -> Page:
    """A page that says one thing."""
    return page("notice.html", status=status, heading=heading, text=text)
