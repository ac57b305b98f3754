"""Comments and standings, as the wire carries them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from autohub.access.model import Id


class Comment(msgspec.Struct):
    """A question, or an answer to `parent_id`; `comment_text` null was taken back."""

    comment_id: int
    parent_id: int | None
    user_id: int | None
    user_email: str | None
    user_first_name: str | None
    user_last_name: str | None
    comment_text: str | None
    comment_created_epoch: int
    comment_edited_epoch: int | None


class NewComment(msgspec.Struct):
    comment_text: Annotated[str, Meta(min_length=1, max_length=5000)]
    parent_id: Id | None = None


class CommentChange(msgspec.Struct):
    comment_text: Annotated[str, Meta(min_length=1, max_length=5000)]


class Popularity(msgspec.Struct):
    """How an idea stands with people, and whether the caller voted for it or follows it."""

    process_num_votes: int
    process_num_followers: int
    voted: int
    following: int
