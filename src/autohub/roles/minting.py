"""Making Open API tokens, of which their people are told."""

from autohub.access import tokens
from autohub.access.model import Caller, NewToken
from autohub.access.tokens import MintedToken
from autohub.db.engine import Writing
from autohub.notifications import service as notices


def mint_token(
    db: Writing, caller: Caller, new: NewToken, *, tenant_id: str, secret: str, now: int
) -> MintedToken:
    """`tokens.create_token`; the person whose token it is gets a mail, whoever made it: it is how
    one learns that somebody else can act in one's name."""
    made = tokens.create_token(db, caller, new, tenant_id=tenant_id, secret=secret, now=now)
    if made.record["user_id"] is not None:
        notices.notify_account(db, caller, "token made", [made.record["user_id"]], now=now)
    return made
