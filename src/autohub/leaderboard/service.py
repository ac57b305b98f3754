"""Switching the leaderboard on and off for the whole organisation."""

from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.db.engine import Writing
from autohub.leaderboard import store


def switch(db: Writing, caller: Caller, *, on: bool, now: int) -> None:
    store.set_switch(db, on=on)
    audit.record(
        db,
        actor(caller),
        "switch leaderboard",
        "account",
        None,
        now=now,
        after={"leaderboard": int(on)},
    )
