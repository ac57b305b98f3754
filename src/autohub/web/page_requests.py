"""How a noun declares its pages: one table, as for the calls, from which serving and the tests'
walk over all pages are made."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

import msgspec

from autohub.access.authentication import Installation
from autohub.access.model import Caller, Right
from autohub.db.engine import Database, Reading, Writing
from autohub.integrations.blobs import Blobs
from autohub.kit.errors import Conflict, HubError, NotFound
from autohub.kit.query import SEARCH, Param, Query
from autohub.kit.text import number_at_end
from autohub.settings import Settings
from autohub.web.forms import Form
from autohub.web.pages import RenderedPage, page
from autohub.web.reader import Reader
from autohub.web.routes import NO_HOOKS, PresenterName, Routes, Stream, UserHooks

D = TypeVar("D", covariant=True)
T = TypeVar("T")
DROP = "drop"
"""What the button on a filter sends: the pair of the address that goes."""
LONGEST_QUERY = 8000
"""Bytes: a page shows its own address in some dozens of links."""
PER_PAGE, AT_MOST = 50, 200
"""How many rows a list shows unless its address says otherwise, and at most."""
LISTED = (
    Param("limit", "number", "How many rows."),
    Param("offset", "number", "How many to pass over."),
    Param("page", "number", "The page, from 1."),
    *SEARCH,
)
"""What every list's address may say."""


def sorts(*fields: str) -> Param:
    """The columns that a list sorts by; a minus before one sorts downwards."""
    return Param("sort", "choice", "", choices=(*fields, *(f"-{field}" for field in fields)))


class ChangedMeanwhile(Conflict):
    """Somebody saved what a form is about after it was opened."""


def stamp(record: Any) -> str:
    """What a form carries of the record that it was opened with, to tell whether it was changed
    meanwhile."""
    return hashlib.sha256(msgspec.json.encode(record, order="sorted")).hexdigest()[:16]


class CurrentUser(NamedTuple):
    """The person who is signed in, as the frame shows them."""

    user_id: int
    name: str
    email: str


class Download(NamedTuple):
    """A file to keep."""

    name: str
    content: bytes
    media: str


class Redirect(NamedTuple):
    """Leads the browser to another page, and says there what was done; without an address it
    stays where it is."""

    address: str
    said: str = ""
    cookies: Mapping[str, str | None] = {}  # None takes a cookie away


PageResult = RenderedPage | Redirect | Download | Stream


@dataclass(frozen=True, kw_only=True)
class PageRequest(Generic[D]):
    """One request for a page as its handler sees it, inside its transaction."""

    db: D
    caller: Caller
    settings: Settings
    installation: Installation
    now: int
    path: Mapping[str, str]
    address: str  # of the page, below the mount, also when a form on it is shown again
    sent: str  # the last part of the address that was asked; it names the form
    query: Query
    pairs: Sequence[tuple[str, str]]  # the query as it was sent
    form: Form
    reader: Reader
    cookies: Mapping[str, str]
    client: str
    agent: str
    me: CurrentUser | None
    blobs: Blobs
    said: str = ""  # what was done on the page before
    error: HubError | None = None  # why a form is shown again
    above: UserHooks = NO_HOOKS
    frame: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sort(self) -> tuple[str | None, bool]:
        """What the list is sorted by, and whether downwards: `sort=-benefit`."""
        field: str | None = self.query.get("sort")
        return (field.removeprefix("-"), field.startswith("-")) if field else (None, False)

    @property
    def id(self) -> int:
        """The number in, or at the end of, the one part of the path that varies. Raises
        NotFound."""
        return self.number(next(iter(self.path)))

    def number(self, name: str) -> int:
        """The number in a part of the path; a slug carries it at its end. Raises NotFound."""
        number = number_at_end(self.path[name])
        if number is None:
            raise NotFound("There is no such page.")
        return number

    def may(self, right: Right) -> bool:
        """Whether the reader holds the right on some category at least."""
        reach = self.caller.reach(right)
        return reach is None or bool(reach)

    def typed(self, name: str, otherwise: Any = "", *, act: str | None = None) -> Any:
        """What stands in a field: what was typed when its form is shown again, else `otherwise`.
        Where a page has several forms, `act` is the last part of the address to which this one is
        sent."""
        return self.form.get(name) if self._is_again(act) and name in self.form else otherwise

    def faults(self, name: str, *, act: str | None = None) -> list[str]:
        """What is wrong with a field of a form that is shown again."""
        return self.error.details.get(name, []) if self.error and self._is_again(act) else []

    def check_stamp(
        self: "PageRequest[Writing]",
        table: str,
        row_id: int,
        load: Callable[[], T],
        shown: Callable[[T], Mapping[str, str]],
    ) -> T:
        """What `load` answers for a record of `table`, which nobody else changes from now on. It is
        locked first, so that of two who save at the same time one is told.

        Raises ChangedMeanwhile unless the record is as it was when the form was opened; `shown` is
        what its fields would show now, and those in which something else was typed are named.
        """
        self.db.lock_row(table, row_id)
        record = load()
        if self.form.get("stamp") in ("", stamp(record)):
            return record
        told = self.reader(
            "Somebody changed this while you had it open. What you typed is kept; compare it with "
            "what is saved now, and save again to put "
            "yours in its place."
        )
        now = {
            name: [self.reader("is now: %s") % (text or "–")]
            for name, text in shown(record).items()
            if self.form.get(name) != text
        }
        raise ChangedMeanwhile(told, details=now)

    def _is_again(self, act: str | None) -> bool:
        return self.error is not None and act in (None, self.sent)

    def link(self, **changes: Any) -> str:
        """This page's address with other values in its query; None drops one, a list repeats it.
        The page number is dropped unless it is what changes. A page that has one for each of
        many things shows the address once instead: as the fields of a form, or as `data-next`."""
        dropped = (
            {name.replace("_", "-") for name in changes}
            | changes.keys()
            | ({"page"} if "page" not in changes else set())
        )
        pairs = [(name, value) for name, value in self.pairs if name not in dropped and value]
        for name, value in changes.items():
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(each)) for each in values if each is not None and each != ""]
        return f"{self.address}?{urlencode(pairs)}" if pairs else self.address

    def page(self, template: str, *, status: int | None = None, **values: Any) -> RenderedPage:
        """The page that `template` makes of `values`; as `visit` it has this whole visit."""
        return page(
            template,
            self.reader,
            status=status or (self.error.status if self.error else 200),
            request=self,
            **values,
        )


ReadPageRequest = PageRequest[Reading]
WritePageRequest = PageRequest[Writing]
ChunkedPageRequest = PageRequest[Database]


class PageRoutes(Routes):
    """Collects the pages of one module, as `Routes` does a noun's calls."""

    presenter: ClassVar[PresenterName] = "page"

    def __init__(self) -> None:
        super().__init__("")


def state_of(pairs: Sequence[tuple[str, str]], params: Sequence[Param]) -> list[tuple[str, str]]:
    """What an address says, each thing once: without what is empty, values that one parameter joins
    by commas apart, and without the filters that a button `drop` takes off ("owner=7", or "s" for
    whatever it is)."""
    joined = {param.name for param in params if param.multi and param.kind != "text"}
    apart = [
        (name, part)
        for name, value in pairs
        for part in (value.split(",") if name in joined else (value,))
        if part and name != DROP
    ]
    dropped = {value for name, value in pairs if name == DROP}
    return [
        (name, value)
        for name, value in dict.fromkeys(apart)
        if name not in dropped and f"{name}={value}" not in dropped
    ]
