"""Collects every text of the pages into src/autohub/web/texts/autohub.pot, the one catalogue that translations start from.

A translation is a file beside it, such as de.po, made with any gettext editor; the hub reads it as it is. Run with --check, it only
says whether the catalogue is up to date.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

SOURCE = Path(__file__).parent.parent / "src" / "autohub"
CATALOGUE = SOURCE / "web" / "texts" / "autohub.pot"
KEYWORDS = {"_": None, "N_": None, "reader": None, "text": None, "gettext": None, "ngettext": (1, 2)}


def collected() -> str:
    """The catalogue as it should be."""
    found = Catalog(charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/*.html")]):
        if path.name == "store.py" or "db" in path.relative_to(SOURCE).parts:
            continue  # there `text` is SQL
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        options = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true"} if path.suffix == ".html" else {}
        for _, message, _, _ in extract_from_file(method, str(path), keywords=KEYWORDS, options=options):
            found.add(message, locations=[(path.relative_to(SOURCE).as_posix(), 0)])
    out = io.BytesIO()
    write_po(out, found, omit_header=True, include_lineno=False, sort_output=True, width=120)
    return out.getvalue().decode()


def main() -> None:
    wanted = collected()
    if "--check" in sys.argv:
        sys.exit(0 if CATALOGUE.exists() and CATALOGUE.read_text() == wanted else "run `make texts`: the catalogue is not up to date")
    CATALOGUE.write_text(wanted)


if __name__ == "__main__":
    main()
