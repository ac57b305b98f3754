"""How a noun declares its calls, and a page what is done on it: one table from which serving,
documentation and the tests' matrix are made."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar

import msgspec

from autohub.access.authentication import Installation
from autohub.access.model import ANY_RIGHT, Caller, Right
from autohub.db.engine import Database, Reading, Writing
from autohub.integrations.blobs import Blobs
from autohub.kit.errors import NotFound
from autohub.kit.query import Param, Query
from autohub.kit.sentences import say
from autohub.kit.text import number_at_end, shorten
from autohub.settings import Settings
from autohub.web.forms import is_number

D = TypeVar("D", covariant=True)
PUBLIC: tuple[Right, ...] = ()
"""Declared by the calls that need no caller at all."""

Media = str


class Upload(msgspec.Struct, frozen=True):
    """The file that came inside a body, decoded and on disk; `path` None when there was none."""

    path: Path | None = None
    size: int = 0
    sha256: str = ""
    is_base64: bool = True


NOTHING = Upload()


class UserHooks(NamedTuple):
    """What the floors above do inside a transaction of a lower one; server/app.py hands it in."""

    reassign: Callable[[Writing, Caller, int, int, int], dict[str, int]] = lambda *_: {}
    """A leaver's duties go to an heir (ids, then the time); returns how many of what."""
    erase: Callable[[Writing, int], None] = lambda *_: None
    """What a person keeps for themselves goes with them; what they did for others keeps an
    anonymous author."""


NO_HOOKS = UserHooks()


@dataclass(frozen=True, kw_only=True)
class ApiRequest(Generic[D]):
    """One request as a handler sees it, inside its transaction."""

    db: D
    caller: Caller
    settings: Settings
    installation: Installation
    now: int
    path: dict[str, int]
    query: Query
    body: Any = None
    upload: Upload = NOTHING
    blobs: Blobs
    above: UserHooks = NO_HOOKS
    client: str = ""
    """The address from which it comes."""

    @property
    def id(self) -> int:
        """The one id in the path."""
        return next(iter(self.path.values()))


ReadApiRequest = ApiRequest[Reading]
WriteApiRequest = ApiRequest[Writing]
ChunkedApiRequest = ApiRequest[Database]
"""For the calls that write in several transactions, one after the other."""


def check_rights(caller: Caller, rights: tuple[Right, ...], *, any_category: bool) -> None:
    """Raises Forbidden unless the caller holds one of `rights` as a route or a page declares it."""
    if any_category:
        caller.need_somewhere(*rights)
    elif rights is not ANY_RIGHT:
        caller.need(*rights)


def path_ids(path: Mapping[str, str]) -> dict[str, int]:
    """The ids in the path; an idea may be named by its slug, at whose end its id stands. Raises
    NotFound for what cannot be one."""
    found: dict[str, int] = {}
    for name, value in path.items():
        number = number_at_end(value) if name == "process_id" or is_number(value) else None
        if number is None and name == "process_id":
            raise NotFound(say("There is no idea “{process_id}”.", process_id=shorten(value)))
        if number is None:
            text = say(
                "“{text}” is no {name}; send a whole number.", text=shorten(value), name=name
            )
            raise NotFound(text)
        found[name] = number
    return found


class Paged(NamedTuple):
    """A page of `item` under `name`, as `kit.query.Page.envelope` makes it."""

    name: str
    item: Any


class RawBody(msgspec.Struct):
    """A body that the handler reads itself, and its media type."""

    raw: bytes
    media: str


class Raw(NamedTuple):
    """An answer that is no JSON envelope."""

    content: bytes
    media: str


class Stream(NamedTuple):
    """An answer that is made while it is sent. `pieces` is called unless the client has what
    `etag` names already; what it yields comes out of the call's own transaction, or out of what
    needs none."""

    etag: str
    pieces: Callable[[], Iterator[bytes]]
    media: str = "application/json"
    headers: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never changed


PresenterName = Literal["envelope", "page", "scim", "odata"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call of the Open API, or one page or form: where it is, who may make it, what it takes
    and what it answers. The dispatcher serves both; `presenter` says in which way."""

    method: str
    path: str
    presenter: PresenterName
    rights: tuple[Right, ...]
    tenant_level: bool
    any_category: bool = False  # the right need only be held on some category, or where assigned
    before_second_factor: bool = False  # open to who must still set one up
    sign_in: bool  # counts against the limit of sign-ins
    transaction: Literal["read", "write", "per_chunk"]
    handle: Callable[[Any], Any]
    params: tuple[Param, ...] = ()
    uploads: bool = False  # the body holds a file, which is spooled to disk
    status: int = 200

    # What only pages say.
    on_error: Callable[[Any], Any] | None = (
        None  # shows the form again, with the error, after all was rolled back
    )

    # What only calls say.
    tag: str
    answer: Any = None
    example: Any = None
    message: str = "Success"
    body: Any = None
    extra_checks: Callable[[Reading, Caller, Any], dict[str, list[str]]] | None = (
        None  # what is also wrong with an unfit body
    )
    admits: Callable[[Reading, Caller, dict[str, int]], object] | None = (
        None  # asked before the body is read; raises
    )
    row: Any = None  # what each row of a RawBody is
    body_example: Any = None
    table_example: tuple[tuple[str, ...], ...] = ()
    media: tuple[Media, ...] = ("application/json",)
    large: bool = False
    lines: bool = False  # texts of the body may hold line ends
    streams: Literal["", "database", "blobs"] = ""  # what a Stream's pieces are read from
    cached: bool = False  # depends on the caller, the query and what the audit tells of, no clock
    no_envelope: bool = False  # the answer stands without the envelope
    holds_secret: bool = False
    location: Callable[[Any], str] | None = None  # the path of what was made, out of the answer
    errors: tuple[int, ...] = ()
    subject_path: str = ""  # the address of what it changes, where its own does not say that
    subject: Callable[[Reading, Any], dict[str, str] | None] | None = (
        None  # the ids in it, out of the body; None where it names nothing that is there
    )

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def summary(self) -> str:
        return (self.handle.__doc__ or "").strip().split("\n")[0]

    @property
    def description(self) -> str:
        return "\n".join(
            line.strip() for line in (self.handle.__doc__ or "").strip().split("\n")[1:]
        ).strip()


TRANSACTIONS = ("read", "write", "per_chunk")


class Routes:
    """Collects a noun's routes; its methods decorate handlers.

    `rights`: any one of them, held over the whole installation (`any_category`: on some category,
    or where assigned), opens the call; handlers check what depends on the data. `tenant_level`:
    whether a tenant-level token may make it (contract 1.3).
    """

    presenter: ClassVar[PresenterName] = "envelope"

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Route] = []

    def __call__(
        self, method: str, path: str, **facts: Any
    ) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        facts.setdefault("transaction", "read" if method == "GET" else "write")
        facts.setdefault("tenant_level", False)
        facts.setdefault("sign_in", self.presenter == "envelope" and not facts["rights"])
        if method in ("PUT", "PATCH"):
            facts.setdefault("message", "Resource Updated")
        if method == "DELETE":
            facts.setdefault("message", "Resource Deleted")

        assert facts["transaction"] in TRANSACTIONS, (path, facts["transaction"])

        def declare(handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
            self.all.append(
                Route(
                    method=method,
                    path=path,
                    handle=handle,
                    tag=self.tag,
                    presenter=self.presenter,
                    **facts,
                )
            )
            return handle

        return declare


def join(*nouns: Routes) -> tuple[Route, ...]:
    """The routes of several nouns, or modules of pages, one after the other."""
    return tuple(route for noun in nouns for route in noun.all)
