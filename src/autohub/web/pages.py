"""Templates, what they may call, and the headers that every page carries."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from autohub.access.model import permission_name
from autohub.kit import numbers
from autohub.kit.encodings import ENCODINGS
from autohub.kit.text import full_name
from autohub.web import assets
from autohub.web.dictionary import meaning_of
from autohub.web.reader import Reader, name_field, tell_fault, translations

PACKAGE = Path(__file__).parent.parent
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
    "'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
    "vary": "cookie, accept-language, accept-encoding, hx-request",
}
LINK_HEADERS = SECURITY_HEADERS | {"referrer-policy": "no-referrer"}
"""For pages whose address is a secret."""
REFERENCE_HEADERS = SECURITY_HEADERS | {
    # Swagger UI sets style attributes by script; scripts stay as strict as everywhere.
    "content-security-policy": SECURITY_HEADERS["content-security-policy"].replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    ),
    "cache-control": "private, max-age=300",
}


class RenderedPage(NamedTuple):
    status: int
    html: str
    headers: dict[str, str]


@cache
def templates(language: str) -> jinja2.Environment:
    """The templates of every noun, with the texts of one language."""
    folders = sorted(PACKAGE.glob("**/templates"))
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = assets.address
    made.filters["initials"] = initials
    made.globals["full_name"] = full_name
    made.globals["encodings"] = ENCODINGS
    made.globals["meaning"] = meaning_of
    made.filters["typed"] = typed
    made.filters["pieces"] = pieces
    made.filters["name_field"] = name_field
    made.filters["tell_fault"] = tell_fault
    made.filters["permission"] = permission_name
    return made


def page(
    template: str,
    reader: Reader,
    *,
    status: int = 200,
    headers: dict[str, str] = SECURITY_HEADERS,
    **values: Any,
) -> RenderedPage:
    """A page from a noun's `templates/`; every value is escaped."""
    return RenderedPage(
        status, templates(reader.language).get_template(template).render(values, r=reader), headers
    )


def typed(value: Any) -> Any:
    """A value as somebody would have typed it into a field: 220 for 220.0, nothing for None."""
    if isinstance(value, float):
        return numbers.write(value)
    return "" if value is None else value


def pieces(text: str, wanted: str) -> list[tuple[str, bool]]:
    """The text in pieces, and whether each of them is a word that was looked for."""
    words = [re.escape(word) for word in wanted.split()]
    if not words:
        return [(text, False)]
    parts = re.split(f"({'|'.join(words)})", text, flags=re.IGNORECASE)
    return [(part, at % 2 == 1) for at, part in enumerate(parts)]


def initials(name: str) -> str:
    """'Jane van Doe' -> 'JD'."""
    words = name.split()
    return "".join(
        word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
    ).upper()
