"""Guessing passwords: how long one waits after tries that failed, over all processes.

Every try is counted before the password is looked at, and a right one is forgotten again, so that
fifty at once are fifty. Nobody is locked out: the pause grows, and it is long only for who guesses
from the same place; a person elsewhere waits a minute at most. Unknown addresses are counted as
known ones are.
"""

import ipaddress
import math
from collections.abc import Callable
from typing import NamedTuple

from autohub.access import attempt_store
from autohub.audit import store as audit
from autohub.audit.model import Actor
from autohub.db.engine import Database, Writing
from autohub.kit.clock import HOUR, MINUTE, SECOND
from autohub.kit.errors import HubError, TooManyRequests
from autohub.kit.seal import sign
from autohub.kit.sentences import say
from autohub.kit.text import email_key


class Pause(NamedTuple):
    """After `free` tries each further one waits twice as long as the one before, `longest`
    milliseconds at most. An hour without a try forgets them."""

    free: int
    longest: int


HERE = Pause(free=5, longest=15 * MINUTE)
"""For one account from one place."""
ANYWHERE = Pause(free=20, longest=MINUTE)
"""For one account from all places together."""
GUESSED = Pause(free=20, longest=30 * MINUTE)
"""For the codes of one account: only who has its password can make its person wait."""
ANYBODY = Pause(free=50, longest=MINUTE)
"""For all accounts from one place."""
FORGOTTEN_AFTER = HOUR
CLOCKS_APART = MINUTE
"""What the clocks of two machines may differ by; a try further ahead is of a clock that was wrong,
and keeps nobody out until then."""


class TooManyTries(TooManyRequests):
    def __init__(self, wait: int) -> None:
        seconds = max(1, math.ceil(wait / SECOND))
        text = "Too many tries. Try again in a second."
        if seconds > 1:
            text = say("Too many tries. Try again in {seconds} seconds.", seconds=seconds)
        super().__init__(text, retry_after=seconds)


class Attempt(NamedTuple):
    """A try to sign in, or to prove that one is who one is. `client` is the address that it comes
    from; `user_id` is None for an account that is not there.
    `is_code` is a try of a second factor, once the password was right."""

    email: str
    client: str
    door: str
    user_id: int | None
    now: int
    is_code: bool = False


def checked(
    database: Database, attempt: Attempt, *, secret: str, is_right: Callable[[], bool]
) -> bool:
    """What `is_right` says, once the pause since the last failures is over. A failure is written
    to the audit. Raises TooManyTries."""
    keys = _keys(attempt, secret)
    outcome = database.write(lambda db: _count(db, keys, attempt.now))
    if isinstance(outcome, HubError):
        raise outcome
    right = is_right()
    database.write(lambda db: _close(db, keys, attempt, right=right))
    return right


def _count(db: Writing, keys: dict[str, Pause], now: int) -> None | TooManyTries:
    known = attempt_store.lock_attempts(db, list(keys))
    waits = [
        _pause(known[key].failures, keys[key]) - (now - known[key].last_epoch)
        for key in keys
        if key in known and _is_fresh(known[key].last_epoch, now)
    ]
    if waits and max(waits) > 0:
        return TooManyTries(max(waits))
    for key in keys:
        row = known.get(key)
        is_fresh = row is not None and _is_fresh(row.last_epoch, now)
        failures = row.failures + 1 if row is not None and is_fresh else 1
        attempt_store.save_attempt(db, key, failures=failures, now=now)
    return None


def _close(db: Writing, keys: dict[str, Pause], attempt: Attempt, *, right: bool) -> None:
    if right:
        attempt_store.forget_attempts(db, list(keys))
        return
    audit.record(
        db,
        Actor(None, None, attempt.door),
        "refuse sign-in",
        "user",
        attempt.user_id,
        now=attempt.now,
        after={"client": attempt.client},
    )


def _is_fresh(last: int, now: int) -> bool:
    return -CLOCKS_APART < now - last < FORGOTTEN_AFTER


def _pause(failures: int, pause: Pause) -> int:
    if failures < pause.free:
        return 0
    return min(SECOND << min(failures - pause.free, 20), pause.longest)


def _keys(attempt: Attempt, secret: str) -> dict[str, Pause]:
    """Addresses of people who may not exist are kept as signatures alone."""
    account = sign(secret, "attempt", email_key(attempt.email.strip()))
    place = _network(attempt.client)
    return {
        f"{account} {place}": HERE,
        f"account {account}": GUESSED if attempt.is_code else ANYWHERE,
        f"place {place}": ANYBODY,
    }


def _network(client: str) -> str:
    """The address, or of IPv6 the network that one household or machine has."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)
