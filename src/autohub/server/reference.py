"""The OpenAPI document and the Output Dictionary of the whole hub."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from autohub.assessments.defaults import DEFAULTS
from autohub.assessments.model import Question
from autohub.kit.sentences import encode, say
from autohub.kit.text import shorten
from autohub.web import openapi
from autohub.web.dictionary import DictionaryEntry, list_entries, twin_of
from autohub.web.pages import RenderedPage, page
from autohub.web.reader import Reader
from autohub.web.routes import Route

ENGLISH = Reader(Locale("en", "GB"), ZoneInfo("UTC"))
_TYPES: dict[str, dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "formula": {"type": ["number", "null"]},
    "multiple": {"type": ["array", "null"], "items": {"type": "string"}},
    "applications": {"type": ["array", "null"], "items": {"type": "integer"}},
    "category": {"type": ["integer", "null"]},
}


def build_document(
    routes: Sequence[Route], *, base_url: str, organization: str = "acme", tenant: str = "main"
) -> dict[str, Any]:
    """The OpenAPI document; the record of an idea has a field for each question that a new
    installation asks."""
    document = openapi.document(routes, base_url=base_url, organization=organization, tenant=tenant)
    record = document["components"]["schemas"]["IdeaRecord"]
    record["properties"] = _answers() | record["properties"]
    record["additionalProperties"] = True
    for name in ("EmployeeIdea", "CoeIdea", "MinedIdea"):  # without `category`, the older name
        document["components"]["schemas"][name]["required"].append("category_id")
    return document


def _answers() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for assessment in DEFAULTS:
        for question in assessment.questions.values():
            found[question.field] = _schema(question)
            found[question.twin] = {
                "type": ["string", "null"],
                "description": twin_of(question.field),
            }
    return found


def _schema(question: Question) -> dict[str, Any]:
    told = say("The answer to “{title}”.", title=question.title)
    if question.kind == "formula":
        told = say("{title}, computed from the answers.", title=question.title)
    return _TYPES.get(question.kind, {"type": ["string", "null"]}) | {
        "description": " ".join(filter(None, (str(told), question.help)))
    }


def list_dictionary(routes: Sequence[Route]) -> list[DictionaryEntry]:
    """The Output Dictionary of these routes."""
    return list_entries(build_document(routes, base_url=""))


def show_dictionary(found: Sequence[DictionaryEntry], headers: dict[str, str]) -> RenderedPage:
    """The same as a page."""
    entries = [
        {name: getattr(entry, name) for name in entry.__struct_fields__}
        | {"shown": "" if entry.example is None else shorten(encode(entry.example).decode(), 60)}
        for entry in found
    ]
    return page("dictionary.html", ENGLISH, headers=headers, entries=entries)
