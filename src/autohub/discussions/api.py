"""The calls about votes, follows, questions and answers."""

from typing import Any

from autohub.access.model import ANY_RIGHT
from autohub.discussions import service
from autohub.discussions.model import Comment, CommentChange, NewComment, Popularity
from autohub.ideas.examples import PERSON
from autohub.ideas.rights import find_idea
from autohub.kit.query import PAGING
from autohub.web.routes import Paged, ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Discussions")
_STANDING = {"process_num_votes": 4, "process_num_followers": 2, "voted": 1, "following": 0}
_COMMENT = PERSON | {
    "comment_id": 9,
    "parent_id": None,
    "comment_text": "How many invoices are there a day?",
    "comment_created_epoch": 1767225600000,
    "comment_edited_epoch": None,
}


@routes(
    "GET",
    "/automations/{process_id}/standing",
    rights=ANY_RIGHT,
    answer=Popularity,
    example=_STANDING,
)
def get_popularity(request: ReadApiRequest) -> Popularity:
    """Tells how many voted for an idea and follow it, and whether the caller does"""
    held = find_idea(request.db, request.caller, request.id)
    return service.get_popularity(request.db, request.caller, held)


@routes(
    "PUT", "/automations/{process_id}/vote", rights=ANY_RIGHT, answer=Popularity, example=_STANDING
)
def vote(request: WriteApiRequest) -> Popularity:
    """Votes for an idea, once a person"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_vote(request.db, request.caller, held, wanted=True, now=request.now)


@routes(
    "DELETE",
    "/automations/{process_id}/vote",
    rights=ANY_RIGHT,
    answer=Popularity,
    example=_STANDING,
)
def unvote(request: WriteApiRequest) -> Popularity:
    """Takes the vote back"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_vote(request.db, request.caller, held, wanted=False, now=request.now)


@routes(
    "PUT",
    "/automations/{process_id}/follow",
    rights=ANY_RIGHT,
    answer=Popularity,
    example=_STANDING,
)
def follow(request: WriteApiRequest) -> Popularity:
    """Follows an idea"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_follow(request.db, request.caller, held, wanted=True, now=request.now)


@routes(
    "DELETE",
    "/automations/{process_id}/follow",
    rights=ANY_RIGHT,
    answer=Popularity,
    example=_STANDING,
)
def unfollow(request: WriteApiRequest) -> Popularity:
    """Follows an idea no longer"""
    held = find_idea(request.db, request.caller, request.id)
    return service.set_follow(request.db, request.caller, held, wanted=False, now=request.now)


@routes(
    "GET",
    "/automations/{process_id}/comments",
    rights=ANY_RIGHT,
    params=PAGING,
    answer=Paged("comments", Comment),
    example={"page": 1, "pageSize": 20, "totalItems": 1, "totalPages": 1, "comments": [_COMMENT]},
)
def list_comments(request: ReadApiRequest) -> Any:
    """Lists the questions and answers on an idea, oldest first"""
    held = find_idea(request.db, request.caller, request.id)
    found, total = service.list_comments(request.db, held, request.query.page)
    return request.query.page.envelope("comments", found, total)


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
def add_comment(request: WriteApiRequest) -> Comment:
    """Asks a question on an idea, or answers one"""
    held = find_idea(request.db, request.caller, request.id)
    return service.add_comment(request.db, request.caller, held, request.body, now=request.now)


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
def update_comment(request: WriteApiRequest) -> Comment:
    """Changes one's own comment"""
    return _update_comment(request, request.body.comment_text)


@routes(
    "DELETE",
    "/automations/{process_id}/comments/{comment_id}",
    rights=ANY_RIGHT,
    answer=Comment,
    example=_COMMENT,
)
def delete_comment(request: WriteApiRequest) -> Comment:
    """Takes a comment back; its place stays, so that its answers keep theirs"""
    return _update_comment(request, None)


def _update_comment(request: WriteApiRequest, text: str | None) -> Comment:
    held = find_idea(request.db, request.caller, request.path["process_id"])
    comment_id = request.path["comment_id"]
    return service.update_comment(
        request.db, request.caller, held, comment_id, text, now=request.now
    )
