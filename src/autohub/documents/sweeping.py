"""What becomes of bytes that no document names: a trash, then nothing. The rules that keep a
wrong database from losing files."""

import logging
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from autohub.db.engine import Database
from autohub.documents import store
from autohub.integrations.blobs import WORK, Blobs

log = logging.getLogger("autohub.files")
SWEEP_AFTER_SECONDS = 3600
KEEP_TRASH_SECONDS = 7 * 24 * 3600
SLACK = 3
"""So few unnamed files never make a store look like another database's, as long as some are
named."""
LEFT_IN_SPOOL = ("spool-*", "form-*", "tmp*")


class Look(NamedTuple):
    """A store of files held against the database; `refusal` says why it must not be swept, None
    that it may."""

    ages: dict[str, float]
    trash_ages: dict[str, float]
    known: set[str]
    owner: str | None
    refusal: str | None

    @property
    def text(self) -> str:
        kept = [key for key in self.ages if not key.startswith(WORK)]
        named = sum(key in self.known for key in kept)
        return (
            f"{len(kept)} files, of which the database names {named}; {len(self.trash_ages)} more "
            "in the trash"
        )


class Swept(NamedTuple):
    """How many files went to the trash, came back from it because they are named again, and were
    erased from it."""

    discarded: int
    restored: int
    erased: int


def look(database: Database, blobs: Blobs) -> Look:
    """Changes nothing. Raises Unavailable."""
    ages, trash_ages, owner = blobs.ages(), blobs.trash_ages(), blobs.owner()
    known = _known(database, [*ages, *trash_ages])
    named = sum(not key.startswith(WORK) for key in known)
    unnamed = sum(not key.startswith(WORK) for key in ages.keys() - known)
    return Look(
        ages=ages,
        trash_ages=trash_ages,
        known=known,
        owner=owner,
        refusal=_refusal(named, unnamed, owner, blobs.installation),
    )


def _refusal(named: int, unnamed: int, owner: str | None, installation: str) -> str | None:
    """A store without an id, as earlier releases left it, is ours when nearly all of it is
    named; in one that is ours, most is."""
    lying = named + unnamed
    if owner not in (None, installation):
        return f"the store belongs to installation {owner}, and this one is {installation}"
    if unnamed and not named:
        return f"the database names none of the {lying} files that lie there"
    if unnamed > max(SLACK, lying // 2 if owner else lying // 10):
        return f"the database names only {named} of the {lying} files that lie there"
    return None


def _known(database: Database, keys: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(keys), 1000):
        with database.reading() as db:
            known |= store.referenced_keys(db, keys[start : start + 1000])
    return known


def sweep(
    database: Database,
    blobs: Blobs,
    *,
    older_than_seconds: float = SWEEP_AFTER_SECONDS,
    keep_trash_seconds: float = KEEP_TRASH_SECONDS,
    force: bool = False,
) -> Swept | None:
    """Moves bytes that no file names to the trash, brings back those that are named again, and
    erases what lay in the trash for `keep_trash_seconds`. Young ones may belong to an upload
    that is still under way. Returns None, and changes nothing, when the store looks like another
    installation's; `force` sweeps it all the same and makes it ours. Raises Unavailable."""
    found = look(database, blobs)
    if not force and (found.refusal or not (found.owner or blobs.claim())):
        log.error(
            "files are not swept: %s; `autohub doctor` says what helps",
            found.refusal or "another installation took the store",
        )
        return None
    if force:
        blobs.claim(force=True)
    unnamed = [
        key
        for key, age in found.ages.items()
        if key not in found.known and age >= older_than_seconds
    ]
    named_again = [key for key in found.trash_ages if key in found.known]
    old = [
        key
        for key, age in found.trash_ages.items()
        if key not in found.known and age >= keep_trash_seconds
    ]
    for key in named_again:
        blobs.restore(key)
    for key in unnamed:
        blobs.discard(key)
    for key in set(old) - _known(database, old):  # asked once more: this is for good
        blobs.erase(key)
    swept = Swept(len(unnamed), len(named_again), len(old))
    log.info(
        "files swept: %d to the trash, %d brought back, %d erased after their days in the trash",
        *swept,
    )
    return swept


def sweep_spool(folder: Path, *, older_than_seconds: float = SWEEP_AFTER_SECONDS) -> int:
    """Removes what uploads and forms left behind when their server was killed; returns how many
    that were."""
    left = [
        path
        for pattern in LEFT_IN_SPOOL
        for path in folder.glob(pattern)
        if _age(path) >= older_than_seconds
    ]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _age(path: Path) -> float:
    """How long ago anything was written there; a folder's own time stands still while a file in
    it grows. 0 when it is gone."""
    return min((time.time() - when for when in _times([path, *path.glob("*")])), default=0.0)


def _times(paths: Iterable[Path]) -> Iterable[float]:
    for path in paths:
        try:
            yield path.stat().st_mtime
        except FileNotFoundError:
            continue  # moved to the store meanwhile
