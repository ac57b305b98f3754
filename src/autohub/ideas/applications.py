"""The applications that an idea uses, and those that its submitter is the first to name (contract
4.4)."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from autohub.access.model import Caller
from autohub.applications import service
from autohub.assessments.model import THIN_APPLICATIONS, Answers
from autohub.db.engine import Writing
from autohub.ideas.model import Idea, NewApplication
from autohub.kit.errors import Invalid
from autohub.kit.jsonbody import convert
from autohub.kit.sentences import say
from autohub.kit.text import shorten

MAX_NEW = 20
NewApplications = dict[str, list[NewApplication]]
"""By the question under which they came; '' for those beside the answers."""


class _Named(msgspec.Struct):
    new_applications: Annotated[list[NewApplication], Meta(max_length=MAX_NEW)]


def parse_new_applications(sent: Any) -> list[NewApplication]:
    """Raises Invalid, for keys that are not known as well."""
    found = convert({"new_applications": sent}, _Named).new_applications
    known = NewApplication.__struct_fields__
    for index, item in enumerate(sent):
        if unknown := [shorten(key) for key in item if key.lower() not in known]:
            text = say("has unknown field(s): {unknown}", unknown=", ".join(unknown[:10]))
            raise Invalid(text, details={f"new_applications.{index}": [text]})
    return found


def application_ids(applications: Iterable[int], answers: Answers) -> set[int]:
    """All that an idea names, thin ones too."""
    return {*applications, *_thin(answers)}


def _thin(answers: Answers) -> list[int]:
    value = (answers.get(THIN_APPLICATIONS) or {}).get("value")
    return value if isinstance(value, list) else []


def unknown_fault(lost: Iterable[int]) -> str:
    return say("Unknown application id(s): {lost}.", lost=", ".join(map(str, lost)))


def invalid_data(reason: str) -> str:
    """The contract's own sentence."""
    return say("Invalid Application Data. {reason}", reason=reason)


def add_new_applications(
    db: Writing, caller: Caller, idea: Idea, wanted: Mapping[str, list[NewApplication]], *, now: int
) -> None:
    """Puts applications into the inventory, unless one of that name and version is there, and into
    the idea's lists."""
    for question, named in wanted.items():
        ids = [
            service.find_or_create_application(
                db,
                caller,
                new.application_name,
                new.application_version,
                new.application_language,
                idea.category_id,
                comments=new.application_comments,
                is_citrix_client=new.application_is_citrix_client,
                now=now,
            )
            for new in named
        ]
        if question == THIN_APPLICATIONS:
            thin = sorted({*_thin(idea.answers), *ids})
            before = idea.answers.get(question) or {}
            idea.answers = idea.answers | {question: before | {"value": thin}}
        else:
            idea.applications = sorted({*idea.applications, *ids})
