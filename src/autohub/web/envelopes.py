"""How the Open API is asked and answered: credentials, JSON bodies, and the envelope around every
answer."""

from typing import Any

import msgspec

from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.kit import faults
from autohub.kit.errors import HubError, Invalid, Unauthenticated, Unavailable, WrongMediaType
from autohub.kit.etags import is_among, make_etag
from autohub.kit.jsonbody import InvalidBody, convert, parse
from autohub.kit.query import Query
from autohub.kit.sentences import encode, say
from autohub.kit.text import shorten
from autohub.kit.unknown import warn_of_unknown_keys
from autohub.web import streaming
from autohub.web.csv_answers import check_rows, to_csv, wants_csv
from autohub.web.dispatcher import Context, Incoming
from autohub.web.limits import RateLimit
from autohub.web.openapi import PREFIX
from autohub.web.preconditions import ChangedMeanwhile
from autohub.web.routes import ApiRequest, Paged, Raw, RawBody, Route, Stream, path_ids
from autohub.web.streaming import VARY, Answer


class Body(msgspec.Struct):
    """What a body says, or what is wrong with it, which is told once it is known that the caller
    may make the call."""

    value: Any = None
    fault: HubError | None = None
    warnings: list[str] = []


class EnvelopePresenter:
    """The presenter of the Open API."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.calls = RateLimit(context.settings.rate_limit_per_minute)
        self.sign_ins = RateLimit(context.settings.sign_in_limit_per_minute)

    def check(self, route: Route, incoming: Incoming) -> None:
        """Raises Unauthenticated, Unavailable."""
        if route.rights:
            incoming.credential = self._context.authenticator.credential(incoming.headers)

    def prepare(self, route: Route, incoming: Incoming) -> None:
        incoming.read = _read_body(route, incoming)

    def caller(self, db: Reading, route: Route, incoming: Incoming) -> Caller:
        """Raises Unauthenticated, Forbidden."""
        if not route.rights:
            return Caller(kind="anonymous")
        caller = self._context.authenticator.caller(db, incoming.credential, now=incoming.now)
        if incoming.door == "api":
            return caller
        return msgspec.structs.replace(caller, door=incoming.door)

    def request(
        self,
        db: Reading,
        route: Route,
        incoming: Incoming,
        caller: Caller,
        error: HubError | None = None,
    ) -> ApiRequest[Any]:
        """Raises NotFound, WrongMediaType, Invalid."""
        query = Query(incoming.query, route.params)
        if isinstance(route.answer, Paged) and wants_csv(incoming.headers.get("accept", "")):
            check_rows(query.page.limit)
        incoming.warnings = [*query.warnings, *incoming.read.warnings]
        return ApiRequest(
            db=db,
            caller=caller,
            settings=self._context.settings,
            installation=self._context.installation,
            now=incoming.now,
            path=path_ids(incoming.path),
            query=query,
            body=_checked_body(route, incoming.read, db, caller),
            upload=incoming.upload,
            blobs=self._context.blobs,
            above=self._context.above,
            client=incoming.client,
        )

    def present(self, route: Route, incoming: Incoming, result: Any) -> Answer:
        answer = self._present(route, incoming, result)
        if route.method == "GET" and not isinstance(result, Raw | Stream):
            answer.headers = answer.headers | {"etag": make_etag(answer.content), "vary": VARY}
        if incoming.warnings:
            told = {"x-autohub-warnings": _in_ascii(" ".join(incoming.warnings))}
            answer.headers = answer.headers | told
        return answer

    def finish(self, incoming: Incoming, answer: Answer) -> Answer:
        etag, wanted = answer.headers.get("etag"), incoming.headers.get("if-none-match")
        if etag and wanted and answer.status == 200 and is_among(etag, wanted):
            answer.status, answer.content = 304, b""
        if incoming.allowance is not None:
            answer.headers = answer.headers | incoming.allowance.headers()
        return answer

    def _present(self, route: Route, incoming: Incoming, result: Any) -> Answer:
        if isinstance(result, Raw):
            return Answer(route.status, result.content, result.media)
        if isinstance(route.answer, Paged) and wants_csv(incoming.headers.get("accept", "")):
            return _table(route.answer, result)
        if isinstance(result, Stream):
            return streaming.answer(result, incoming.headers)
        if route.no_envelope:
            return Answer(route.status, encode(result))
        envelope = {"message": route.message, "statusCode": route.status, "data": result}
        if incoming.warnings and route.method != "GET":
            envelope["warnings"] = incoming.warnings
        headers = {}
        if route.location is not None:
            mount = f"{self._context.settings.base_url}{PREFIX}"
            headers = {"location": f"{mount}{route.location(result)}"}
        return Answer(route.status, encode(envelope), headers=headers)

    def refuse(self, route: Route, incoming: Incoming, error: HubError) -> Answer:
        return refusal(error, route.name)

    def fail(self, route: Route, incoming: Incoming, error: Exception) -> Answer:
        return unexpected(error, route.name, incoming.request_id)


def _table(answer: Paged, result: Any) -> Answer:
    """One page of a list as CSV; how many there are in all stands in a header."""
    if isinstance(result, Stream):
        result = msgspec.json.decode(b"".join(result.pieces()))["data"]
    return Answer(
        status=200,
        content=to_csv(result[answer.name]),
        media="text/csv; charset=utf-8",
        headers={"x-total-count": str(result["totalItems"]), "vary": VARY},
    )


def _in_ascii(text: str) -> str:
    """A text as a header may carry it."""
    straight = text.replace("“", '"').replace("”", '"')
    return straight.encode("ascii", "backslashreplace").decode()


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
    if isinstance(error, ChangedMeanwhile):
        headers["etag"] = error.etag
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    return Answer(error.status, encode(body), headers=headers)


def unexpected(error: Exception, place: str, fault_id: str) -> Answer:
    """A 500 that shows nothing but an id, under which the log has all of it; 507 when a disk is
    full."""
    faults.note_unexpected(error, fault_id, place)
    status, what = (
        (507, "There is no space left on our side.")
        if faults.is_full(error)
        else (500, "Something went wrong on our side.")
    )
    text = say(
        "{what} Please report the id {fault_id}; the log has the details under it.",
        what=what,
        fault_id=fault_id,
    )
    return Answer(status, encode({"message": text, "statusCode": status}))


def _read_body(route: Route, incoming: Incoming) -> Body:
    if route.body is None:
        return Body()
    media = (
        incoming.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        or "application/json"
    )
    if media not in route.media:
        return Body(
            fault=WrongMediaType(
                say(
                    "The Content-Type must be {media}, not “{given}”.",
                    media=" or ".join(route.media),
                    given=shorten(media),
                )
            )
        )
    if route.body is RawBody:
        return Body(RawBody(incoming.body, media))
    try:
        value = parse(incoming.body, lines=route.lines)
        body = convert(value, route.body)
        return Body(body, warnings=warn_of_unknown_keys(value, route.body))
    except Invalid as error:
        return Body(fault=error)


def _checked_body(route: Route, body: Body, db: Reading, caller: Caller) -> Any:
    """What the body says. Raises WrongMediaType, Invalid."""
    if isinstance(body.fault, InvalidBody) and route.extra_checks is not None:
        body.fault.details = route.extra_checks(db, caller, body.fault.value) | body.fault.details
    if body.fault is not None:
        raise body.fault
    return body.value
