"""The questions and answers on an idea, in the words and at the times of who wrote them."""

from typing import Any

from autohub.access.model import actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Writing
from autohub.discussions import store as discussions
from autohub.kit.text import email_key
from autohub.move_in.moving import Moving, Record
from autohub.users import store as user_store


def bring_comments(
    moving: Moving, process_id: int, name: str, theirs: list[dict[str, Any]]
) -> None:
    """Brings the comments of one idea, oldest first, so that a question is here before its
    answers. Nobody is told of them: they were told there."""
    ids = moving.ids.setdefault("comment", {})
    for comment in theirs:
        our_id = moving.bring(_to_record(moving, process_id, name, comment))
        if our_id is not None:
            ids[comment["comment_id"]] = our_id


def _to_record(moving: Moving, process_id: int, name: str, theirs: dict[str, Any]) -> Record:
    said = {
        "comment_text": theirs.get("comment_text"),
        "edited_epoch": theirs.get("comment_edited_epoch"),
    }

    def read(db: Reading, our_id: int) -> Any:
        row = discussions.get_comment(db, process_id, our_id)
        return None if row is None else {key: getattr(row, key) for key in said}

    def write(db: Writing, our_id: int | None) -> int:
        if our_id is not None:
            discussions.update_comment(db, our_id, said)
            return our_id
        email = email_key(theirs.get("user_email") or "")
        values = {
            "process_id": process_id,
            "parent_id": moving.ours("comment", theirs.get("parent_id")),
            "user_id": user_store.user_ids_by_email(db, [email]).get(email),
            "created_epoch": theirs["comment_created_epoch"],
        }
        made = discussions.insert_comment(db, values | said)
        after = {"comment_id": made, "source": moving.source}
        who = actor(moving.caller)
        audit.record(db, who, "comment", "idea", process_id, now=moving.now, after=after)
        return made

    return Record(
        kind="comment",
        their_id=str(theirs["comment_id"]),
        name=name,
        theirs=said,
        read_ours=read,
        write=write,
    )
