"""The calls about votes, follows, questions and answers."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.access.routes import Paged, ReadCall, Routes, WriteCall
from autohub.discussions import service
from autohub.discussions.model import Comment, CommentChange, NewComment, Standing
from autohub.ideas.examples import PERSON
from autohub.kit.query import PAGING

routes = Routes("Discussions")
_STANDING = {"process_num_votes": 4, "process_num_followers": 2, "voted": 1, "following": 0}
_COMMENT = PERSON | {
    "comment_id": 9,
    "parent_id": None,
    "comment_text": "How many invoices are there a day?",
    "comment_created_epoch": 1767225600000,
    "comment_edited_epoch": None,
}


@routes("GET", "/automations/{process_id}/standing", rights=ANY_RIGHT, answer=Standing, example=_STANDING)
def standing(call: ReadCall) -> Standing:
    """Tells how many voted for an idea and follow it, and whether the caller does"""
    return service.standing(call.db, call.caller, call.id)


@routes("PUT", "/automations/{process_id}/vote", rights=ANY_RIGHT, answer=Standing, example=_STANDING)
def vote(call: WriteCall) -> Standing:
    """Votes for an idea, once a person"""
    return service.vote(call.db, call.caller, call.id, wanted=True, now=call.now)


@routes("DELETE", "/automations/{process_id}/vote", rights=ANY_RIGHT, answer=Standing, example=_STANDING)
def unvote(call: WriteCall) -> Standing:
    """Takes the vote back"""
    return service.vote(call.db, call.caller, call.id, wanted=False, now=call.now)


@routes("PUT", "/automations/{process_id}/follow", rights=ANY_RIGHT, answer=Standing, example=_STANDING)
def follow(call: WriteCall) -> Standing:
    """Follows an idea"""
    return service.follow(call.db, call.caller, call.id, wanted=True, now=call.now)


@routes("DELETE", "/automations/{process_id}/follow", rights=ANY_RIGHT, answer=Standing, example=_STANDING)
def unfollow(call: WriteCall) -> Standing:
    """Follows an idea no longer"""
    return service.follow(call.db, call.caller, call.id, wanted=False, now=call.now)


@routes(
    "GET",
    "/automations/{process_id}/comments",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("comments", Comment),
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "comments": [_COMMENT]},
)
def comments(call: ReadCall) -> Any:
    """Lists the questions and answers on an idea, oldest first"""
    found, total = service.comments(call.db, call.caller, call.id, call.query.page)
    return call.query.page.envelope("comments", found, total)


@routes(
    "POST",
    "/automations/{process_id}/comments",
    rights=ANY_RIGHT,
    body=NewComment,
    body_example={"comment_text": "How many invoices are there a day?"},
    lines=True,
    status=201,
    message="Resource Created",
    answer=Comment,
    example=_COMMENT,
)
def add(call: WriteCall) -> Comment:
    """Asks a question on an idea, or answers one"""
    return service.add_comment(call.db, call.caller, call.id, call.body, now=call.now)


@routes(
    "PATCH",
    "/automations/{process_id}/comments/{comment_id}",
    rights=ANY_RIGHT,
    body=CommentChange,
    body_example={"comment_text": "How many invoices are there a week?"},
    lines=True,
    answer=Comment,
    example=_COMMENT,
)
def change(call: WriteCall) -> Comment:
    """Changes one's own comment"""
    ids = call.path["process_id"], call.path["comment_id"]
    return service.change_comment(call.db, call.caller, *ids, call.body.comment_text, now=call.now)


@routes("DELETE", "/automations/{process_id}/comments/{comment_id}", rights=ANY_RIGHT, answer=Comment, example=_COMMENT)
def remove(call: WriteCall) -> Comment:
    """Takes a comment back; its place stays, so that its answers keep theirs"""
    return service.change_comment(call.db, call.caller, call.path["process_id"], call.path["comment_id"], None, now=call.now)
