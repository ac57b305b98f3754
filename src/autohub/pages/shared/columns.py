"""What an idea's own columns answer of the questions of its assessments."""

from typing import Any

from autohub.ideas.model import Idea
from autohub.ideas.record import text_of
from autohub.users import store as user_store
from autohub.web.page_requests import PageRequest


def columns_of(request: PageRequest[Any], idea: Idea) -> dict[str, Any]:
    people = [
        user_id for user_id in (idea.owner_user_id, idea.submitter_user_id) if user_id is not None
    ]
    emails = user_store.emails_by_id(request.db, people)
    return {
        "process_name": idea.process_name,
        "process_description": text_of(idea.process_description),
        "category_id": idea.category_id,
        "owner": emails.get(idea.owner_user_id or 0),
        "submitter": emails.get(idea.submitter_user_id or 0),
        "applications": idea.applications,
    }
