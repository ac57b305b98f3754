"""Collects every text of the pages into src/autohub/web/texts/autohub.pot, the one catalogue that
translations start from: what templates and handlers mark, the names that come with the hub, and the
sentences with which services refuse.

A translation is a file beside it, such as de.po, made with any gettext editor; the hub reads it as
it is. Those that are there are brought up to date too: what is new stands in them without a
translation, what is gone is taken out. Run with --check, it only says whether all are up to date.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from autohub.access.model import DEFAULT_ROLES, Right, permission_name
from autohub.assessments.defaults import DEFAULTS
from autohub.components.model import STATUSES as COMPONENT_STATUSES
from autohub.documents.model import TYPES as DOCUMENT_TYPES
from autohub.flows.model import PHASES, SHOWN, STATUSES, SUBMISSION_TYPES
from autohub.ideas.rows import LIST_COLUMNS
from autohub.pages.admin.users import COLUMNS
from autohub.web.dictionary import meaning_of

SOURCE = Path(__file__).parent.parent / "src" / "autohub"
CATALOGUE = SOURCE / "web" / "texts" / "autohub.pot"
KEYWORDS = {
    "_": None,
    "N_": None,
    "reader": None,
    "text": None,
    "say": None,
    "gettext": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
    "_say": (2,),
}


def names() -> Iterator[tuple[str, str]]:
    """What comes with every hub as data and is shown on pages, with the noun that it belongs to."""
    yield from (("flows", name) for _, _, name in (*PHASES, *STATUSES))
    yield from (
        ("flows", name)
        for name in (*SHOWN.values(), *(name for _, name in SUBMISSION_TYPES.values()))
    )
    yield from (("access", name) for right in Right for name in [permission_name(right)])
    yield from (
        ("access", text)
        for role in DEFAULT_ROLES
        for text in (role.role_name, role.role_description)
    )
    yield from (("components", name) for name in COMPONENT_STATUSES)
    yield from (("documents", kind[2]) for kind in DOCUMENT_TYPES)
    for form in DEFAULTS:
        texts = [form.title, *(section.title for section in form.sections)]
        texts += [
            text
            for q in form.questions.values()
            for text in (q.title, q.help, *(option.label for option in q.options))
        ]
        texts += [
            text
            for score in form.scores
            for text in (score.title, *(band.name for band in score.bands))
        ]
        yield from (("assessments", text) for text in texts if text)
    yield from (("web", meaning_of(column.field)) for column in (*LIST_COLUMNS, *COLUMNS))


APART = ("api.py", "openapi.py", "examples.py", "settings.py", "server/app.py")
"""Modules whose sentences describe the API, the settings and the metrics, and are on no page."""


def sentences(path: Path) -> Iterator[str]:
    """The sentences in a module that no mark is around: what services and rules say when they
    refuse something."""
    tree = ast.parse(path.read_text())
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    passed |= {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    passed |= {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
    }
    for node in ast.walk(tree):
        text = _text(node) if id(node) not in passed else ""
        if (
            " " in text.strip()
            and text.endswith((".", ".”"))
            and "\n" not in text
            and "%" not in text
        ):
            yield text


ACTION = re.compile(
    r"(add|ask|change|count|delete|edit|end|erase|import|make|move|name|open|publish|read|reassign|release|restore|revoke"
    r"|score|set|switch|take|trash|vote|withdraw)( [a-z]+){1,5}|comment|review"
)
"""What an entry of the audit says was done."""


def actions(path: Path) -> Iterator[str]:
    """The kinds of audit entries that a module writes, as the audit log shows them."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    for call in calls:
        for given in call.args:
            choices = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
            for text in map(_text, choices):
                if ACTION.fullmatch(text):
                    yield text.capitalize()


def _text(node: ast.AST) -> str:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else ""


def collected() -> str:
    """The catalogue as it should be."""
    found = Catalog(charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("templates/*.html")]):
        if path.name == "store.py" or "db" in path.relative_to(SOURCE).parts:
            continue  # there `text` is SQL
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        options = (
            {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true"}
            if path.suffix == ".html"
            else {}
        )
        for _, message, _, _ in extract_from_file(
            method, str(path), keywords=KEYWORDS, options=options
        ):
            found.add(message, locations=[(path.relative_to(SOURCE).as_posix(), 0)])
        if (
            path.suffix == ".py"
            and path.name not in APART
            and path.relative_to(SOURCE).parts[0] not in ("cli", "demo", "server/bootstrap.py")
        ):
            for sentence in (*sentences(path), *actions(path)):
                found.add(sentence, locations=[(path.relative_to(SOURCE).as_posix(), 0)])
    for noun, name in names():
        found.add(name, locations=[(f"{noun}/model.py", 0)])
    out = io.BytesIO()
    write_po(out, found, omit_header=True, include_lineno=False, sort_output=True, width=120)
    return out.getvalue().decode()


def brought_up_to_date(path: Path, catalogue: str) -> str:
    """The translation in a file, with the texts of the catalogue and no others."""
    with path.open("rb") as file:
        known = read_po(file, locale=path.stem)
    found = Catalog(locale=path.stem, charset="utf-8", fuzzy=False, header_comment="")
    for message in read_po(io.BytesIO(catalogue.encode())):
        if message.id:
            same = known.get(message.id if isinstance(message.id, str) else message.id[0])
            found.add(
                message.id,
                same.string if same and same.pluralizable == message.pluralizable else None,
                locations=message.locations,
                flags=message.flags,
            )
    out = io.BytesIO()
    write_po(out, found, omit_header=True, include_lineno=False, sort_output=True, width=120)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = f'"Plural-Forms: {found.plural_forms}\\n"\n\n'
    return head + plural + out.getvalue().decode()


def wanted() -> dict[Path, str]:
    """Each file of texts as it should be."""
    catalogue = collected()
    return {CATALOGUE: catalogue} | {
        path: brought_up_to_date(path, catalogue) for path in sorted(CATALOGUE.parent.glob("*.po"))
    }


def main() -> None:
    files = wanted()
    if "--check" in sys.argv:
        old = [path.name for path, text in files.items() if path.read_text() != text]
        sys.exit(f"run `make texts`: {', '.join(old)} not up to date" if old else 0)
    for path, text in files.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
