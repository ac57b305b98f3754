"""The whole application in this process, and clients that talk to it as scripts do."""

import itertools
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from anyio.from_thread import BlockingPortal, start_blocking_portal

from autohub.access import tokens
from autohub.access.model import OPERATOR, NewToken, RoleGrant
from autohub.db.schema import metadata
from autohub.kit.clock import now as clock
from autohub.kit.errors import Unavailable
from autohub.server.app import Hub
from autohub.server.bootstrap import seed_defaults
from autohub.settings import Settings
from autohub.users import service, store
from autohub.users.model import ACTIVE, Change, Outcome, UserEdit
from autohub.users.saving import save_changes
from autohub.web import streaming
from autohub.web.answer_cache import AnswerCache

BASE = "/api/v1/openapi"
_numbers = itertools.count(1)


class Answer:
    """One answer; `data`, `message` and `details` come out of the envelope."""

    def __init__(self, response: httpx.Response) -> None:
        self.response, self.status, self.headers, self.raw = (
            response,
            response.status_code,
            response.headers,
            response.content,
        )
        self.json: Any = (
            response.json()
            if response.content and "json" in response.headers.get("content-type", "")
            else None
        )
        body = self.json if isinstance(self.json, dict) else {}
        self.message, self.data, self.details = (
            body.get("message"),
            body.get("data"),
            body.get("errorDetails", {}),
        )

    def __repr__(self) -> str:
        return f"<{self.status} {self.raw[:400]!r}>"


class Client:
    """Calls the hub with one token."""

    def __init__(
        self,
        hub: "TestHub",
        headers: dict[str, str],
        *,
        user_id: int | None = None,
        token_id: int | None = None,
    ) -> None:
        self.hub, self.headers, self.user_id, self.token_id = hub, headers, user_id, token_id

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = self.headers | (headers or {})
        content = raw
        if body is not None:
            content = msgspec.json.encode(body)
        if content is not None and not any(name.lower() == "content-type" for name in sent):
            sent = sent | {"Content-Type": "application/json"}
        return self.hub.request(
            method,
            path if path.startswith(("/api", "/automationhub_", "/acme")) else BASE + path,
            content,
            sent,
        )

    def get(self, path: str, **more: Any) -> Answer:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.call("PUT", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.call("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self.call("DELETE", path, **more)

    def users(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.get(f"/users?limit=100000&{query}")
        assert answer.status == 200, answer
        return list(answer.data["users"])

    def user(self, email: str) -> dict[str, Any]:
        found = [u for u in self.users() if u["user_email"] == email]
        assert len(found) == 1, found
        return dict(found[0])


class CheckedCache(AnswerCache):
    """Has every answer made anew, and refuses one that is not what was kept for it: a state of the
    database that did not tell of a change."""

    def find(self, state: Hashable, key: Hashable) -> None:
        return None

    def keep(self, state: Hashable, key: Hashable, answer: streaming.Answer) -> None:
        kept = super().find(state, key)
        if kept is not None and answer.status == 200:
            assert kept.content == answer.content, f"kept: {kept.content!r}"
        super().keep(state, key, answer)


class TestHub:
    """One running application over one database, emptied between tests."""

    __test__ = False

    def __init__(self, settings: Settings, portal: BlockingPortal) -> None:
        self.settings = settings
        self.app = Hub(settings, with_worker=False)
        self.app.dispatcher.cache = CheckedCache()
        self.database, self.installation, self.worker = (
            self.app.database,
            self.app.installation,
            self.app.worker,
        )
        self._portal = portal
        transport = httpx.ASGITransport(self.app.asgi, raise_app_exceptions=True)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://hub.test")

    def request(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> Answer:
        async def send() -> httpx.Response:
            self._http.cookies.clear()
            return await self._http.request(method, path, content=content, headers=headers)

        answer = Answer(self._portal.call(send))
        if method != "GET":
            with suppress(Unavailable):
                self.worker.spread_notices()  # what the worker does a moment later
        return answer

    def run(self, work: Callable[..., Awaitable[Any]], **given: Any) -> Any:
        """What a coroutine returns that talks to the hub by itself."""
        return self._portal.call(partial(work, **given))

    def close(self) -> None:
        self._portal.call(self._http.aclose)
        self.database.close()

    def reset(self) -> None:
        """Back to what a new installation has; ids start anew."""
        lasting = ("installation", "stamp")
        names = [table.name for table in metadata.sorted_tables if table.name not in lasting]
        with self.database.writing() as db:
            if db.is_sqlite:
                for name in (*reversed(names), "user_search", "idea_search", "sqlite_sequence"):
                    db.change(sa.text(f"DELETE FROM {name}"))
            else:
                db.change(
                    sa.text(
                        f"TRUNCATE {', '.join((*names, 'user_search', 'idea_search'))} RESTART "
                        "IDENTITY CASCADE"
                    )
                )
            db.change(sa.text("DELETE FROM installation WHERE name = 'leaderboard'"))
            seed_defaults(db)
        blobs = self.app.context.blobs
        for key in blobs.ages():
            blobs.discard(key)
        for key in blobs.trash_ages():
            blobs.erase(key)
        for presenter in self.app.dispatcher.presenters.values():
            presenter.calls.clear()
            presenter.sign_ins.clear()

    def anonymous(self) -> Client:
        return Client(self, {})

    def person(
        self,
        *roles: tuple[int, int],
        email: str | None = None,
        invite_status: int = ACTIVE,
        registered: bool = True,
    ) -> int:
        """An account with these roles on these categories, Active unless told otherwise; returns
        its id."""
        row = a_user(user_email=email or f"person{next(_numbers)}@example.com")

        def write(db: Any) -> int:
            user = service.add_user(
                db, OPERATOR, msgspec.convert(row, UserEdit), settings=self.settings, now=clock()
            )
            before = service.get_account(db, user.user_id)
            grants = tuple(sorted(RoleGrant(*role) for role in roles)) or before.grants
            after = msgspec.structs.replace(
                before, user_invite_status=invite_status, has_registered=registered, grants=grants
            )
            save_changes(
                db, OPERATOR, [Change(before, Outcome(after))], settings=self.settings, now=clock()
            )
            if registered:
                store.set_columns(db, user.user_id, {"registered_epoch": clock()})
            return user.user_id

        return self.database.write(write)

    def token(self, email: str | None, **more: Any) -> Client:
        """A client with an Open API token of this person, or a tenant-level one for None."""
        made = self.database.write(
            lambda db: tokens.create_token(
                db,
                OPERATOR,
                NewToken("test", user_email=email, **more),
                tenant_id=self.installation.tenant_id,
                secret=self.installation.secret,
                now=clock(),
            )
        )
        headers = {"Authorization": f"Bearer {made.bearer}", "x-ah-openapi-auth": "openapi-token"}
        if made.app_key:
            headers["x-ah-openapi-app-key"] = made.app_key
        return Client(
            self, headers, user_id=made.record["user_id"], token_id=made.record["token_id"]
        )

    def someone(self, *roles: tuple[int, int], email: str | None = None) -> Client:
        """An active person with these roles, as a client."""
        email = email or f"person{next(_numbers)}@example.com"
        self.person(*roles, email=email)
        return self.token(email)


def a_user(**fields: Any) -> dict[str, Any]:
    """A valid body for /adduser; what the test is about comes as keywords, None leaves a key
    out."""
    values: dict[str, Any] = {
        "user_email": f"new{next(_numbers)}@example.com",
        "user_first_name": "Ada",
        "user_last_name": "Byron",
    }
    return {key: value for key, value in (values | fields).items() if value is not None}


@contextmanager
def running_hub(settings: Settings) -> Iterator[TestHub]:
    with start_blocking_portal() as portal:
        hub = TestHub(settings, portal)
        try:
            yield hub
        finally:
            hub.close()
