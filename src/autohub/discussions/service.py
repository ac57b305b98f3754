"""Voting, following and commenting; whoever sees an idea may."""

import re

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.db.engine import Reading, Row, Writing
from autohub.discussions import store
from autohub.discussions.model import Comment, NewComment, Popularity
from autohub.ideas import service as ideas
from autohub.ideas import store as idea_store
from autohub.ideas.rights import AuthorizedIdea, may_on_idea
from autohub.kit.errors import Forbidden, Invalid, NotFound
from autohub.kit.query import Page
from autohub.kit.sentences import say
from autohub.kit.text import email_key
from autohub.notifications import service as notices
from autohub.users import store as user_store

MENTION = re.compile(r"@([^\s@]+@[^\s@,;:!?()<>]+)")
MENTIONED_AT_MOST = 20


def get_popularity(db: Reading, caller: Caller, held: AuthorizedIdea) -> Popularity:
    """How many vote for an idea and follow it, and whether the caller does."""
    process_id, me = held.idea.process_id, caller.user_id or 0
    votes, followers = (
        store.count_marks(db, "vote", process_id),
        store.count_marks(db, "follow", process_id),
    )
    return Popularity(
        process_num_votes=votes,
        process_num_followers=followers,
        voted=int(store.has_mark(db, "vote", process_id, me)),
        following=int(store.has_mark(db, "follow", process_id, me)),
    )


def set_vote(
    db: Writing, caller: Caller, held: AuthorizedIdea, *, wanted: bool, now: int
) -> Popularity:
    """Votes for an idea, once a person, or takes the vote back. Raises Forbidden for
    who is no person."""
    process_id = held.idea.process_id
    me = _user_id_of(caller)
    changed = (
        store.add_mark(db, "vote", process_id, me, now=now)
        if wanted
        else store.remove_mark(db, "vote", process_id, me)
    )
    if changed:
        before = msgspec.to_builtins(held.idea)
        held.idea.process_num_votes = store.count_marks(db, "vote", process_id)
        ideas.save_change(
            db,
            caller,
            held.idea,
            before,
            "vote" if wanted else "take vote back",
            now=now,
            lists=False,
        )
    return get_popularity(db, caller, held)


def set_follow(
    db: Writing, caller: Caller, held: AuthorizedIdea, *, wanted: bool, now: int
) -> Popularity:
    """Follows an idea, or stops. Raises Forbidden for who is no person."""
    me = _user_id_of(caller)
    if wanted:
        store.add_mark(db, "follow", held.idea.process_id, me, now=now)
    else:
        store.remove_mark(db, "follow", held.idea.process_id, me)
    return get_popularity(db, caller, held)


def list_comments(db: Reading, held: AuthorizedIdea, page: Page) -> tuple[list[Comment], int]:
    """One page of an idea's questions and answers, and how many there are in all."""
    rows, total = store.list_comments(db, held.idea.process_id, page)
    return [_to_comment(row) for row in rows], total


def add_comment(
    db: Writing, caller: Caller, held: AuthorizedIdea, new: NewComment, *, now: int
) -> Comment:
    """Tells the people of the idea, whoever asked before, and those whose address stands in the
    text behind an @.

    Raises Forbidden for who is no person, Invalid for an answer to what is not there.
    """
    process_id = held.idea.process_id
    if new.parent_id is not None and store.get_comment(db, process_id, new.parent_id) is None:
        raise Invalid(
            "The question is not there.",
            details={
                "parent_id": [
                    say("There is no comment {parent_id} on this idea.", parent_id=new.parent_id)
                ]
            },
        )
    values = {
        "process_id": process_id,
        "parent_id": new.parent_id,
        "user_id": _user_id_of(caller),
        "comment_text": new.comment_text,
    }
    comment_id = store.insert_comment(db, values | {"created_epoch": now})
    audit.record(
        db, actor(caller), "comment", "idea", process_id, now=now, after={"comment_id": comment_id}
    )
    mentioned = _find_mentioned(db, process_id, new.comment_text)
    asked_before = (
        store.get_comment(db, process_id, new.parent_id) if new.parent_id is not None else None
    )
    people = {
        held.idea.submitter_user_id,
        held.idea.owner_user_id,
        asked_before.user_id if asked_before else None,
    } - mentioned
    notices.notify(db, caller, "mention", process_id, mentioned, now=now)
    notices.notify(db, caller, "asked", process_id, people, now=now)
    return _find_comment(db, process_id, comment_id)


def _find_mentioned(db: Reading, process_id: int, text: str) -> set[int | None]:
    """The people whose addresses stand in a text behind an @, of those who may see the idea."""
    keys = {email_key(found.rstrip(".")) for found in MENTION.findall(text)}
    found: set[int | None] = set()
    for user_id in user_store.user_ids_by_email(db, sorted(keys)[:MENTIONED_AT_MOST]).values():
        grants, _ = access.list_grants(db, user_id)
        if idea_store.can_see(
            db, Caller(kind="person", user_id=user_id, grants=tuple(grants)), process_id
        ):
            found.add(user_id)
    return found


def update_comment(
    db: Writing,
    caller: Caller,
    held: AuthorizedIdea,
    comment_id: int,
    text: str | None,
    *,
    now: int,
) -> Comment:
    """Changes one's own comment, or takes it back (None), which those who may edit the idea may
    do as well. Raises Forbidden, NotFound for a comment that is not the idea's."""
    process_id = held.idea.process_id
    before = _find_comment(db, process_id, comment_id)
    mine = caller.user_id is not None and before.user_id == caller.user_id
    if not mine and not (text is None and may_on_idea(caller, Right.EDIT_ANY_IDEA, held)):
        raise Forbidden
    store.update_comment(db, comment_id, {"comment_text": text, "edited_epoch": now})
    audit.record(
        db,
        actor(caller),
        "take comment back" if text is None else "change comment",
        "idea",
        process_id,
        now=now,
        after={"comment_id": comment_id},
    )
    return _find_comment(db, process_id, comment_id)


def _find_comment(db: Reading, process_id: int, comment_id: int) -> Comment:
    row = store.get_comment(db, process_id, comment_id)
    if row is None:
        raise NotFound(
            say(
                "There is no comment {comment_id} on idea {process_id}.",
                comment_id=comment_id,
                process_id=process_id,
            )
        )
    return _to_comment(row)


def _to_comment(row: Row) -> Comment:
    return Comment(
        comment_id=row.comment_id,
        parent_id=row.parent_id,
        user_id=row.user_id,
        user_email=row.user_email,
        user_first_name=row.user_first_name,
        user_last_name=row.user_last_name,
        comment_text=row.comment_text,
        comment_created_epoch=row.created_epoch,
        comment_edited_epoch=row.edited_epoch,
    )


def _user_id_of(caller: Caller) -> int:
    if caller.user_id is None:
        raise Forbidden
    return caller.user_id
