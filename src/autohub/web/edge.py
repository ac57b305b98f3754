"""From a request to an answer: body, caller, right, transaction, handler, envelope. Every call of
the Open API goes this way.

All of it but the reading of the body runs in one worker thread, inside one transaction, which is
committed before the answer is sent.
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from anyio import CapacityLimiter, to_thread

from autohub.access.authentication import Authenticator, Credential, Installation
from autohub.access.model import Caller
from autohub.db import idempotency
from autohub.db.engine import Database, Reading, Writing
from autohub.db.idempotency import Claim
from autohub.integrations import blobs
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import (
    Forbidden,
    HubError,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
    WrongMediaType,
)
from autohub.kit.jsonbody import InvalidBody
from autohub.kit.jsonbody import read as read_json
from autohub.kit.query import MAX_NUMBER, Query
from autohub.kit.text import shorten
from autohub.settings import Settings
from autohub.web import streaming
from autohub.web.limits import RateLimit
from autohub.web.routes import (
    NO_HOOKS,
    NOTHING,
    ApiRequest,
    Raw,
    RawBody,
    Route,
    Stream,
    Upload,
    UserHooks,
    check_rights,
)
from autohub.web.streaming import Answer

_encode = msgspec.json.Encoder().encode
LONG_LISTS = 8
"""How many lists are made at once; each holds a connection meanwhile."""
KEPT_ERRORS = (400, 404, 409)
"""Errors that a repeat with the same Idempotency-Key gets again; the others may be otherwise a
moment later."""


class RawApiRequest(msgspec.Struct):
    """What the edge needs of a request; header names are lower-case."""

    headers: Mapping[str, str]
    query: bytes
    path: Mapping[str, Any]
    client: str
    body: bytes = b""
    upload: Upload = NOTHING
    credential: Credential = Credential()


class Body(msgspec.Struct):
    """What a body says, or what is wrong with it, which is told once it is known that the caller
    may make the call."""

    value: Any = None
    fault: HubError | None = None


class Edge:
    """Serves routes for the life of a process; `above` is what floors above do in a lower one's
    transaction."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        installation: Installation,
        above: UserHooks = NO_HOOKS,
    ) -> None:
        self.above = above
        self.blobs = blobs.open_blob_store(
            settings.blobs, settings.data_dir / "blobs", installation.tenant_id
        )
        self.database, self.settings, self.installation = database, settings, installation
        self.authenticator = Authenticator(installation, settings)
        self._calls = RateLimit(settings.rate_limit_per_minute)
        self._sign_ins = RateLimit(settings.sign_in_limit_per_minute)
        self._limiters: dict[str, CapacityLimiter] = {}

    async def serve(self, route: Route, request: RawApiRequest) -> Answer:
        """Runs a route whose body was read already. Writers that wait for their turn do not keep
        readers from threads, and long lists leave connections to short calls."""
        kind = (
            "long"
            if route.streams == "database"
            else "read"
            if route.transaction == "read"
            else "write"
        )
        limiter = self._limiters.setdefault(
            kind, CapacityLimiter(LONG_LISTS if kind == "long" else 16)
        )
        answer: Answer = await to_thread.run_sync(self.answer, route, request, limiter=limiter)
        return answer

    async def admit(self, route: Route, request: RawApiRequest) -> Answer | None:
        """Asks, before a large body is read, whether the caller may make the call at all; the
        refusal, or None."""
        refused: Answer | None = await to_thread.run_sync(
            self._guarded, self._admitted, route, request
        )
        return refused

    def answer(self, route: Route, request: RawApiRequest) -> Answer:
        """What `serve` does, in this thread."""
        answer: Answer = self._guarded(self._answered, route, request)
        return answer

    def _guarded(self, work: Any, route: Route, request: RawApiRequest) -> Any:
        try:
            return work(route, request)
        except HubError as error:
            return refusal(error, where(route))
        except Exception as error:
            return unexpected(error, where(route))

    def _admitted(self, route: Route, request: RawApiRequest) -> None:
        self._check_credential(route, request)
        with self.database.reading() as db:
            caller = self._caller(db, route, request, clock())
            if route.admits is not None:
                route.admits(db, caller, _ids(request.path))

    def _answered(self, route: Route, request: RawApiRequest) -> Answer:
        if not route.rights:
            self._sign_ins.check(request.client)
        self._check_credential(route, request)
        now, body = clock(), _read_body(route, request)
        if route.transaction == "read":
            with self.database.reading() as db:
                answer = self._handle(
                    route, request, body, db, self._caller(db, route, request, now), now
                )
                if route.streams == "database":  # no client, however slow, holds a connection
                    streaming.spool(answer, self.settings.data_dir / "spool")
                return answer
        key = request.headers.get("idempotency-key")
        if key is None or route.holds_secret or route.method != "POST" or not route.rights:
            return self._write(route, request, body, now)
        return self._once(route, request, body, _checked_key(key), now)

    def _write(self, route: Route, request: RawApiRequest, body: Body, now: int) -> Answer:
        if route.transaction == "per_chunk":
            with self.database.reading() as db:
                caller = self._caller(db, route, request, now)
            return self._handle(route, request, body, self.database, caller, now)
        return self.database.write(
            lambda db: self._handle(
                route, request, body, db, self._caller(db, route, request, now), now
            )
        )

    def _once(self, route: Route, request: RawApiRequest, body: Body, key: str, now: int) -> Answer:
        """Serves a call with an Idempotency-Key: the first answer again, or a new one that is
        kept with what it did."""
        body_hash = hashlib.sha256(
            b"\0".join((request.query, request.body, request.upload.sha256.encode()))
        ).digest()
        name = f"{route.method} {route.path.format(**request.path)}"
        claims: list[Claim] = []

        def begin(db: Writing) -> tuple[Caller, Claim, idempotency.KeptAnswer | None]:
            caller = self._caller(db, route, request, now)
            claim = Claim(caller.name, name, key, body_hash)
            kept = idempotency.claim(db, claim, now=now)
            claims[:] = [claim]
            return caller, claim, kept

        def whole(db: Writing) -> Answer:
            caller, claim, kept = begin(db)
            if kept:
                return Answer(kept.status, kept.answer)
            answer = self._handle(route, request, body, db, caller, now)
            idempotency.keep_answer(db, claim, status=answer.status, answer=answer.content)
            return answer

        try:
            if route.transaction == "write":
                return self.database.write(whole)
            caller, claim, kept = self.database.write(begin)
            if kept:
                return Answer(kept.status, kept.answer)
            answer = self._handle(route, request, body, self.database, caller, now)
        except HubError as error:
            answer = refusal(error, where(route))
            if claims:
                self.database.write(lambda db: _keep_refusal(db, claims[0], answer, now))
            return answer
        except Exception:
            if claims:
                self.database.write(lambda db: idempotency.release(db, claims[0]))
            raise
        self.database.write(
            lambda db: idempotency.keep_answer(
                db, claim, status=answer.status, answer=answer.content
            )
        )
        return answer

    def _check_credential(self, route: Route, request: RawApiRequest) -> None:
        """Checks before any transaction what needs no database. Raises Unauthenticated,
        Unavailable."""
        if route.rights:
            request.credential = self.authenticator.credential(request.headers)

    def _caller(self, db: Reading, route: Route, request: RawApiRequest, now: int) -> Caller:
        """Raises Unauthenticated, Forbidden or TooManyRequests."""
        if not route.rights:
            return Caller(kind="anonymous")
        caller = self.authenticator.caller(db, request.credential, now=now)
        self._calls.check(caller.name)
        if caller.is_tenant_level and not route.tenant_level:
            raise Forbidden
        check_rights(caller, route.rights, any_category=route.any_category)
        return caller

    def _handle(
        self, route: Route, request: RawApiRequest, body: Body, db: Any, caller: Caller, now: int
    ) -> Answer:
        api_request: ApiRequest[Any] = ApiRequest(
            db=db,
            caller=caller,
            settings=self.settings,
            installation=self.installation,
            now=now,
            path=_ids(request.path),
            query=Query(request.query, route.params),
            body=_checked_body(route, body, db, caller),
            upload=request.upload,
            blobs=self.blobs,
            above=self.above,
        )
        data = route.handle(api_request)
        if isinstance(data, Raw):
            return Answer(route.status, data.content, data.media)
        if isinstance(data, Stream):
            return streaming.answer(data, request.headers)
        if route.no_envelope:
            return Answer(route.status, _encode(data))
        return Answer(
            route.status,
            _encode({"message": route.message, "statusCode": route.status, "data": data}),
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


def _ids(path: Mapping[str, Any]) -> dict[str, int]:
    """The ids in the path; an idea may be named by its slug, at whose end its id stands. Raises
    NotFound for what cannot be one."""
    path = {
        name: text.rpartition("-")[2] if name == "process_id" else text
        for name, text in path.items()
    }
    for name, text in path.items():
        if not (
            isinstance(text, str)
            and text.isascii()
            and text.isdigit()
            and len(text) < 16
            and int(text) <= MAX_NUMBER
        ):
            raise NotFound(f"“{shorten(text)}” is no {name}; send a whole number.")
    return {name: int(text) for name, text in path.items()}


def _read_body(route: Route, request: RawApiRequest) -> Body:
    """Reads a body before any transaction begins: a large one takes its time, and others wait
    for a writer's turn."""
    if route.body is None:
        return Body()
    media = (
        request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        or "application/json"
    )
    if media not in route.media:
        return Body(
            fault=WrongMediaType(
                f"The Content-Type must be {' or '.join(route.media)}, not “{shorten(media)}”."
            )
        )
    if route.body is RawBody:
        return Body(RawBody(request.body, media))
    try:
        return Body(read_json(request.body, route.body, lines=route.lines))
    except Invalid as error:
        return Body(fault=error)


def _checked_body(route: Route, body: Body, db: Any, caller: Caller) -> Any:
    """What the body says. Raises WrongMediaType, Invalid."""
    if isinstance(body.fault, InvalidBody) and route.extra_checks is not None:
        body.fault.details = route.extra_checks(db, caller, body.fault.value) | body.fault.details
    if body.fault is not None:
        raise body.fault
    return body.value


def where(route: Route) -> str:
    return f"{route.method} {route.path}"


def refusal(error: HubError, place: str) -> Answer:
    """The contract's error envelope (1.4)."""
    if isinstance(error, Unavailable):
        faults.note_unavailable(error, place)
    body: dict[str, Any] = {"message": error.message, "statusCode": error.status}
    if error.details:
        body["errorDetails"] = error.details
    if error.key:
        body["localizationKey"] = error.key
    headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return Answer(error.status, _encode(body), headers=headers)


def unexpected(error: Exception, place: str) -> Answer:
    """A 500 that shows nothing but an id, under which the log has all of it; 507 when a disk is
    full."""
    fault_id = uuid.uuid4().hex
    faults.note_unexpected(error, fault_id, place)
    status, what = (
        (507, "There is no space left on our side.")
        if faults.is_full(error)
        else (500, "Something went wrong on our side.")
    )
    text = f"{what} Please report the id {fault_id}; the log has the details under it."
    return Answer(status, _encode({"message": text, "statusCode": status}))
