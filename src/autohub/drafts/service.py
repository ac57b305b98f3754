"""Keeping, changing and handing in drafts (product 3, step 1)."""

from typing import Any

import msgspec

from autohub.access.model import Caller
from autohub.db.engine import Reading, Row, Writing
from autohub.drafts import store
from autohub.flows import service as flows
from autohub.ideas import submission
from autohub.ideas.model import CreatedIdea, Draft, DraftInput
from autohub.kit.errors import Forbidden, Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.sentences import say

MAX_DRAFTS = 200


def list_drafts(db: Reading, caller: Caller, page: Page) -> tuple[list[Draft], int]:
    rows, total = store.list_drafts(db, _author(caller), page)
    return [_to_draft(row) for row in rows], total


def get_draft(db: Reading, caller: Caller, draft_id: int) -> Draft:
    """Raises NotFound, for a draft of somebody else too."""
    row = store.get_draft(db, _author(caller), draft_id)
    if row is None:
        raise NotFound(say("You have no draft {draft_id}.", draft_id=draft_id))
    return _to_draft(row)


def save_draft(
    db: Writing, caller: Caller, draft_id: int | None, wanted: DraftInput, *, now: int
) -> Draft:
    """Keeps what is there so far, unchecked: answers may lack or be wrong until the idea is
    handed in. Raises NotFound, Invalid."""
    flows.get_flow(db, wanted.idea_flow_id)
    if draft_id is not None:
        get_draft(db, caller, draft_id)
    elif store.list_drafts(db, _author(caller), Page(1, 0))[1] >= MAX_DRAFTS:
        raise Invalid(
            say(
                "You have {max_drafts} drafts; hand some in, or delete them.", max_drafts=MAX_DRAFTS
            )
        )
    return get_draft(
        db,
        caller,
        store.save_draft(
            db, draft_id, _author(caller), wanted.idea_flow_id, wanted.user_inputs, now=now
        ),
    )


def delete_draft(db: Writing, caller: Caller, draft_id: int) -> None:
    """Raises NotFound."""
    get_draft(db, caller, draft_id)
    store.delete_draft(db, draft_id)


def submit_draft(db: Writing, caller: Caller, draft_id: int, *, now: int) -> CreatedIdea:
    """Hands the draft in; it is gone when that went well. Raises NotFound, and what
    `submission.from_schema` finds wrong."""
    draft = get_draft(db, caller, draft_id)
    created = submission.submit_from_schema(
        db, caller, draft.idea_flow_id, draft.user_inputs, [], now=now
    )
    store.delete_draft(db, draft_id)
    return created


def _author(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id


def _to_draft(row: Row) -> Draft:
    inputs = msgspec.json.decode(row.user_inputs)
    return Draft(
        draft_id=row.draft_id,
        idea_flow_id=row.idea_flow_id,
        process_name=_draft_name(inputs),
        user_inputs=inputs,
        draft_created_epoch=row.created_epoch,
        draft_updated_epoch=row.updated_epoch,
    )


def _draft_name(inputs: Any) -> str | None:
    """The name that the draft has so far."""
    waiting: list[Any] = [inputs]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            named = item.get("OVR-OVERVIEW_NAME")
            value = named.get("value") if isinstance(named, dict) else None
            if isinstance(value, str) and value:
                return value
            waiting.extend(item.values())
    return None
