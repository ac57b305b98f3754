"""How calls are asked and answered that speak another protocol than the Open API: their own errors,
no envelope, a token without a header beside it."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qsl

from autohub.access.authentication import Installation
from autohub.access.model import Caller
from autohub.db.engine import Reading
from autohub.kit import faults
from autohub.kit.errors import HubError, Unauthenticated, Unavailable
from autohub.settings import Settings
from autohub.web.dispatcher import Context, Incoming
from autohub.web.limits import RateLimit
from autohub.web.routes import NO_HOOKS, PresenterName, Route, Routes, UserHooks
from autohub.web.streaming import Answer


class Protocol(NamedTuple):
    """What is particular to one of them; `render_error` makes the body of a refusal."""

    media: str
    challenge: str
    render_error: Callable[[HubError], bytes]
    takes_basic: bool = False


@dataclass(frozen=True, kw_only=True)
class MountRequest:
    """One request as a handler sees it, inside its transaction; `rest` is the path below the
    mount."""

    db: Any
    caller: Caller
    settings: Settings
    installation: Installation
    now: int
    method: str
    rest: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    above: UserHooks = NO_HOOKS


class ScimRoutes(Routes):
    """Routes of the directories that provision people."""

    presenter: ClassVar[PresenterName] = "scim"


class ODataRoutes(Routes):
    """Routes of the readers of the feed."""

    presenter: ClassVar[PresenterName] = "odata"


class MountPresenter:
    """The presenter of such calls. Their handlers return an `Answer`."""

    def __init__(self, context: Context, protocol: Protocol) -> None:
        self._context, self._protocol = context, protocol
        self.calls = RateLimit(context.settings.rate_limit_per_minute)
        self.sign_ins = RateLimit(context.settings.sign_in_limit_per_minute)

    def check(self, route: Route, incoming: Incoming) -> None:
        """Raises Unauthenticated, Unavailable."""
        incoming.credential = self._context.authenticator.credential(
            incoming.headers, elsewhere=True, takes_basic=self._protocol.takes_basic
        )

    def prepare(self, route: Route, incoming: Incoming) -> None:
        """There is nothing to read before the transaction."""

    def caller(self, db: Reading, route: Route, incoming: Incoming) -> Caller:
        """Raises Unauthenticated."""
        return self._context.authenticator.caller(db, incoming.credential, now=incoming.now)

    def request(
        self,
        db: Reading,
        route: Route,
        incoming: Incoming,
        caller: Caller,
        error: HubError | None = None,
    ) -> MountRequest:
        return MountRequest(
            db=db,
            caller=caller,
            settings=self._context.settings,
            installation=self._context.installation,
            now=incoming.now,
            method=route.method,
            rest="/" + incoming.path.get("rest", ""),
            query=dict(parse_qsl(incoming.query.decode("latin-1"), keep_blank_values=True)),
            headers=incoming.headers,
            body=incoming.body,
            above=self._context.above,
        )

    def present(self, route: Route, incoming: Incoming, result: Answer) -> Answer:
        return result

    def finish(self, incoming: Incoming, answer: Answer) -> Answer:
        if incoming.allowance is not None:
            answer.headers = answer.headers | incoming.allowance.headers()
        return answer

    def refuse(self, route: Route, incoming: Incoming, error: HubError) -> Answer:
        if isinstance(error, Unavailable):
            faults.note_unavailable(error, route.name)
        headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
        if isinstance(error, Unauthenticated):
            headers["www-authenticate"] = self._protocol.challenge
        content = self._protocol.render_error(error)
        return Answer(
            status=error.status, content=content, media=self._protocol.media, headers=headers
        )

    def fail(self, route: Route, incoming: Incoming, error: Exception) -> Answer:
        fault_id = uuid.uuid4().hex
        faults.note_unexpected(error, fault_id, route.name)
        text = f"Something went wrong on our side; the log has the details under {fault_id}."
        shown = HubError(text)
        shown.status = 507 if faults.is_full(error) else 500
        return Answer(shown.status, self._protocol.render_error(shown), self._protocol.media)
