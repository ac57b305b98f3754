"""From a request to an answer: caller, right, transaction, handler. Every call of the Open API and
every page goes this way; what the two do differently is said by their presenters.

All of it but the reading of the body runs in one worker thread, inside one transaction, which is
committed before the answer is sent.
"""

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from autohub.access.authentication import Authenticator, Credential, Installation
from autohub.access.model import Caller, SecondFactorNeeded
from autohub.audit.store import current_state
from autohub.db import idempotency
from autohub.db.engine import Database, Reading, Writing
from autohub.db.idempotency import Claim, KeptAnswer
from autohub.integrations.blobs import Blobs, open_blob_store
from autohub.kit.clock import now as clock
from autohub.kit.errors import Forbidden, HubError, Invalid, Unauthenticated
from autohub.kit.etags import is_among
from autohub.settings import Settings
from autohub.web import preconditions, streaming
from autohub.web.answer_cache import AnswerCache
from autohub.web.forms import Form
from autohub.web.limits import Allowance, RateLimit
from autohub.web.refusals import Refusals
from autohub.web.routes import (
    NO_HOOKS,
    NOTHING,
    PresenterName,
    Route,
    Upload,
    UserHooks,
    check_rights,
    path_ids,
)
from autohub.web.streaming import Answer
from autohub.web.threads import Lane

LONG_LISTS, AT_ONCE, CALLS_OF_SQLITE = 8, 16, 4
"""How many long lists are made at once, each of which holds a connection meanwhile; how many other
requests that read, or that write; and how many calls that read SQLite, which works in this process:
more of them only take Python's lock from each other with each row."""
ONLY_SCIM = "This token provisions people over SCIM, and can do nothing else."
NO_SCIM = "Only a SCIM token provisions people; an Account Owner makes one under Admin, Open API."
KEPT_ERRORS = (400, 404, 409)
"""Errors that a repeat with the same Idempotency-Key gets again; the others may be otherwise a
moment later."""


@dataclass(kw_only=True)
class Incoming:
    """A request as it came; header names are lower-case, `address` is the path below the mount."""

    headers: Mapping[str, str]
    query: bytes = b""
    path: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    client: str = ""
    request_id: str = ""
    door: str = "api"
    """Through which door it comes, as the audit names it."""
    body: bytes = b""
    upload: Upload = NOTHING
    form: Form = field(default_factory=Form)
    now: int = 0
    credential: Credential = field(default_factory=Credential)
    read: Any = None
    """What the presenter read of it before the transaction."""
    caller: Caller | None = None
    """Who it turned out to be."""
    allowance: Allowance | None = None
    warnings: list[str] = field(default_factory=list)
    """What was sent and counts for nothing, in sentences."""


class Context:
    """What requests are served with, for the life of a process; `above` is what floors above do in
    a lower one's transaction."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        above: UserHooks = NO_HOOKS,
    ) -> None:
        self.database, self.settings, self.installation = database, settings, installation
        self.above = above
        self.authenticator = Authenticator(installation, settings)
        self.refusals = Refusals()
        self.blobs: Blobs = open_blob_store(
            settings.blobs, settings.data_dir / "blobs", installation.tenant_id
        )


class Presenter(Protocol):
    """How one kind of route is asked and answered. `refuse` and `fail` never raise."""

    calls: RateLimit
    sign_ins: RateLimit

    def check(self, route: Route, incoming: Incoming) -> None:
        """Checks what needs neither the database nor the body. Raises HubError."""

    def prepare(self, route: Route, incoming: Incoming) -> Answer | None:
        """Reads what was sent, before any transaction: a large body takes its time, and others
        wait for a writer's turn. The answer, where it needs no handler. Raises HubError."""

    def caller(self, db: Reading, route: Route, incoming: Incoming) -> Caller:
        """Raises Unauthenticated where the route needs a caller and there is none."""

    def request(
        self,
        db: Reading,
        route: Route,
        incoming: Incoming,
        caller: Caller,
        error: HubError | None = None,
    ) -> Any:
        """What the handler gets; `error` is why a form is shown again. Raises HubError."""

    def present(self, route: Route, incoming: Incoming, result: Any) -> Answer:
        """The answer for what a handler returned, with its ETag."""

    def finish(self, incoming: Incoming, answer: Answer) -> Answer:
        """The answer as it is sent this time: 304 for who has it already, and what is told of
        this request alone."""

    def refuse(self, route: Route, incoming: Incoming, error: HubError) -> Answer:
        """The answer that says why not."""

    def fail(self, route: Route, incoming: Incoming, error: Exception) -> Answer:
        """The answer for a fault of our own, which shows nothing but the id under which the log
        has it."""


class Dispatcher:
    """Serves routes."""

    def __init__(
        self,
        context: Context,
        presenters: Mapping[PresenterName, Presenter],
        readers: Mapping[str, Route],
    ) -> None:
        """`readers` is what preconditions.find_readers found."""
        self.context = context
        self.presenters = presenters
        self._readers = readers
        self.cache = AnswerCache()
        self._lanes = {
            "long": Lane("long", LONG_LISTS),
            "read": Lane("read", CALLS_OF_SQLITE if context.database.is_sqlite else AT_ONCE),
            "page": Lane("page", AT_ONCE),
            "write": Lane("write", AT_ONCE),
        }

    async def serve(self, route: Route, incoming: Incoming) -> Answer:
        """Runs a route whose body was read already. Writers that wait for their turn do not keep
        readers from threads, pages that take their time no calls, and long lists leave connections
        to short ones."""
        if route.transaction != "read":
            kind = "write"
        elif route.streams == "database" or route.presenter == "odata":
            kind = "long"
        else:
            kind = "page" if route.presenter == "page" else "read"
        return await self._lanes[kind].run(self.answer, route, incoming)

    def close(self) -> None:
        """Ends its threads."""
        for lane in self._lanes.values():
            lane.close()

    async def admit(self, route: Route, incoming: Incoming) -> Answer | None:
        """Asks, before a large body is read, whether the caller may make the call at all; the
        refusal, or None."""
        return await self._lanes["read"].run(self._guard, self._check_admitted, route, incoming)

    async def refuse(self, route: Route, incoming: Incoming, error: HubError) -> Answer:
        """The answer for a body that cannot be read."""
        incoming.now = clock()
        presenter = self.presenters[route.presenter]
        return await self._lanes["read"].run(presenter.refuse, route, incoming, error)

    def answer(self, route: Route, incoming: Incoming) -> Answer:
        """What `serve` does, in this thread. Never raises."""
        return cast("Answer", self._guard(self._answer, route, incoming))

    def _guard(self, work: Any, route: Route, incoming: Incoming) -> Answer | None:
        presenter = self.presenters[route.presenter]
        incoming.now = clock()
        try:
            answered: Answer | None = work(route, incoming)
            return answered
        except HubError as error:
            self.context.refusals.note(
                error,
                call=route.name,
                door=incoming.door if route.presenter == "envelope" else route.presenter,
                client=incoming.client,
                headers=incoming.headers,
                caller=incoming.caller,
            )
            return _with_pause(presenter.refuse(route, incoming, error), error)
        except Exception as error:
            return presenter.fail(route, incoming, error)

    def _check_admitted(self, route: Route, incoming: Incoming) -> None:
        self.presenters[route.presenter].check(route, incoming)
        with self.context.database.reading() as db:
            caller = self._caller(db, route, incoming)
            if route.admits is not None:
                route.admits(db, caller, path_ids(incoming.path))

    def _answer(self, route: Route, incoming: Incoming) -> Answer:
        presenter = self.presenters[route.presenter]
        presenter.check(route, incoming)
        if route.sign_in:
            presenter.sign_ins.check(f"{route.path} {incoming.client}")
        if answered := presenter.prepare(route, incoming):
            return answered
        try:
            return self._run(route, incoming)
        except HubError as error:
            if route.on_error is None or (
                route.rights and isinstance(error, Unauthenticated | Forbidden)
            ):
                raise
            with self.context.database.reading() as db:
                caller = self._caller(db, route, incoming)
                again = presenter.request(db, route, incoming, caller, error)
                shown = presenter.present(route, incoming, route.on_error(again))
                return _with_pause(shown, error)

    def _run(self, route: Route, incoming: Incoming) -> Answer:
        if route.transaction == "read":
            with self.context.database.reading() as db:
                answer = self._handle(db, route, incoming, self._caller(db, route, incoming))
                if route.streams == "database":  # no client, however slow, holds a connection
                    streaming.spool(answer, self.context.settings.data_dir / "spool")
                return answer
        key = incoming.headers.get("idempotency-key")
        if key is not None and _takes_key(route):
            return self._answer_once(route, incoming, _checked_key(key))
        if route.transaction == "per_chunk":
            return self._handle_per_chunk(route, incoming)
        return self.context.database.write(
            lambda db: self._handle(db, route, incoming, self._caller(db, route, incoming)),
            shared=not (route.large or route.uploads),
        )

    def _caller(self, db: Reading, route: Route, incoming: Incoming) -> Caller:
        """Raises Unauthenticated, Forbidden or TooManyRequests."""
        presenter = self.presenters[route.presenter]
        caller = incoming.caller = presenter.caller(db, route, incoming)
        if route.rights:
            incoming.allowance = presenter.calls.check(caller.name)
            if caller.is_directory != (route.presenter == "scim"):
                raise Forbidden(ONLY_SCIM if caller.is_directory else NO_SCIM)
            if caller.is_tenant_level and not route.tenant_level:
                raise Forbidden
            check_rights(caller, route.rights, any_category=route.any_category)
            if caller.lacks_second_factor and not route.before_second_factor:
                raise SecondFactorNeeded
        return caller

    def _handle(self, db: Reading, route: Route, incoming: Incoming, caller: Caller) -> Answer:
        presenter = self.presenters[route.presenter]
        is_cached = route.cached and db.is_snapshot  # a writer may not yet have told of a change
        key = _cache_key(db, route, incoming, caller) if is_cached else None
        answer = self.cache.find(*key) if key else None
        if answer is None:
            request = presenter.request(db, route, incoming, caller)
            wanted = incoming.headers.get("if-match")
            if wanted is not None and isinstance(db, Writing):
                self._check_unchanged(db, route, incoming, caller, wanted)
            answer = presenter.present(route, incoming, route.handle(request))
            if key:
                self.cache.keep(*key, answer)
        return presenter.finish(incoming, answer)

    def _check_unchanged(
        self, db: Writing, route: Route, incoming: Incoming, caller: Caller, wanted: str
    ) -> None:
        """Raises ChangedMeanwhile, NotFound."""
        reader = self._readers.get(route.name)
        if reader is None:
            incoming.warnings.append(preconditions.GUARDS_NOTHING)
            return
        path = route.subject(db, incoming.read.value) if route.subject else incoming.path
        if path is None:
            return
        asked = replace(incoming, path=path, query=b"", body=b"", headers={})
        presenter = self.presenters[reader.presenter]
        presenter.prepare(reader, asked)
        request = presenter.request(db, reader, asked, caller)
        preconditions.lock_subject(db, request.path)
        current = presenter.present(reader, asked, reader.handle(request)).headers.get("etag", "")
        if not is_among(current, wanted):
            raise preconditions.ChangedMeanwhile(current)

    def _handle_per_chunk(
        self, route: Route, incoming: Incoming, caller: Caller | None = None
    ) -> Answer:
        presenter = self.presenters[route.presenter]
        with self.context.database.reading() as db:
            caller = caller or self._caller(db, route, incoming)
            request = presenter.request(db, route, incoming, caller)
        if "if-match" in incoming.headers:
            incoming.warnings.append(preconditions.GUARDS_NOTHING)
        result = route.handle(replace(request, db=self.context.database))
        return presenter.finish(incoming, presenter.present(route, incoming, result))

    def _answer_once(self, route: Route, incoming: Incoming, key: str) -> Answer:
        """Serves a call with an Idempotency-Key: the first answer again, or a new one that is
        kept with what it did."""
        body_hash = hashlib.sha256(
            b"\0".join((incoming.query, incoming.body, incoming.upload.sha256.encode()))
        ).digest()
        name = f"{route.method} {route.path.format(**incoming.path)}"
        database = self.context.database
        claims: list[Claim] = []

        def begin(db: Writing) -> tuple[Caller, Claim, KeptAnswer | None]:
            caller = self._caller(db, route, incoming)
            claim = Claim(caller=caller.name, call=name, key=key, body_hash=body_hash)
            kept = idempotency.claim(db, claim, now=incoming.now)
            claims[:] = [claim]
            return caller, claim, kept

        def whole(db: Writing) -> Answer:
            caller, claim, kept = begin(db)
            if kept:
                return Answer(kept.status, kept.answer)
            answer = self._handle(db, route, incoming, caller)
            idempotency.keep_answer(db, claim, status=answer.status, answer=answer.content)
            return answer

        try:
            if route.transaction == "write":
                return database.write(whole, shared=not (route.large or route.uploads))
            caller, claim, kept = database.write(begin)
            if kept:
                return Answer(kept.status, kept.answer)
            answer = self._handle_per_chunk(route, incoming, caller)
        except HubError as error:
            refusal = self.presenters[route.presenter].refuse(route, incoming, error)
            if claims:
                database.write(lambda db: _keep_refusal(db, claims[0], refusal, incoming.now))
            return refusal
        except Exception:
            if claims:
                database.write(lambda db: idempotency.release(db, claims[0]))
            raise
        database.write(
            lambda db: idempotency.keep_answer(
                db, claim, status=answer.status, answer=answer.content
            )
        )
        return answer


def _with_pause(answer: Answer, error: HubError) -> Answer:
    """The answer, which says after how many seconds a repeat may do better; pages too."""
    if error.retry_after:
        answer.headers = answer.headers | {"retry-after": str(error.retry_after)}
    return answer


def _cache_key(
    db: Reading, route: Route, incoming: Incoming, caller: Caller
) -> tuple[Hashable, Hashable]:
    """All that an answer depends on: the state of the database that this transaction sees; and who
    asks, with which rights, and what for."""
    headers = incoming.headers
    asked = (
        route.path,
        *incoming.path.values(),
        incoming.query,
        headers.get("accept"),
        headers.get("accept-encoding"),
        caller.kind,
        caller.user_id,
        caller.grants,
        caller.role_keys,
    )
    return (*db.stamps().values(), current_state(db)), asked


def _takes_key(route: Route) -> bool:
    """Whether a call may be repeated safely under an Idempotency-Key (contract 2.3)."""
    return (
        route.presenter == "envelope"
        and route.method == "POST"
        and bool(route.rights)
        and not route.holds_secret
    )


def _keep_refusal(db: Writing, claim: Claim, answer: Answer, now: int) -> None:
    """Keeps a refusal that is worth it under the key; what the call wrote was rolled back, and
    the claim with it."""
    if answer.status not in KEPT_ERRORS:
        idempotency.release(db, claim)
    elif idempotency.claim(db, claim, now=now, again=True) is None:
        idempotency.keep_answer(db, claim, status=answer.status, answer=answer.content)


def _checked_key(key: str) -> str:
    if not 0 < len(key) <= 255 or not key.isprintable():
        raise Invalid("The Idempotency-Key must be 1 to 255 printable characters.")
    return key
