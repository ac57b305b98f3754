"""From a request to a page: session, right, transaction, handler, and what is shown when one of
them refuses.

As the edge does for calls, all of it runs in one worker thread and one transaction, which is
committed before the page is sent.
"""

import gzip
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import msgspec

from autohub.access import store as access
from autohub.access.authentication import Authenticator
from autohub.access.model import Caller, Right
from autohub.db.engine import Reading
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Forbidden, HubError, Invalid, NotFound, Unauthenticated, Unavailable
from autohub.kit.query import Query
from autohub.web import streaming
from autohub.web.edge import Edge
from autohub.web.limits import RateLimit
from autohub.web.pages import RenderedPage
from autohub.web.reader import reader_of
from autohub.web.routes import Stream, check_rights
from autohub.web.streaming import Answer, takes_gzip
from autohub.web.views import (
    DROP,
    LONGEST_QUERY,
    PER_PAGE,
    CurrentUser,
    Download,
    Form,
    PageRequest,
    PageResult,
    Redirect,
    View,
    pairs_of,
    state_of,
)

SAID, SAID_AT_MOST = "said", 500
YEAR = 365 * 86_400
IN_ADDRESSES = "/?#[]@!$&'()*+,;=:~%"
"""What stands in an address as it is (RFC 3986); % begins what is quoted already."""
ADMIN_RIGHTS = (
    Right.MANAGE_USERS,
    Right.MANAGE_USERS_ROLES,
    Right.MANAGE_PLATFORM_SETUP,
    Right.CUSTOMIZE_ASSESSMENTS,
    Right.MANAGE_APP_INVENTORY,
    Right.IMPORT_PIPELINE,
    Right.AUDIT_LOGS,
    Right.TENANT_SETTINGS,
)
SUBMIT_RIGHTS = (
    Right.SUBMIT_IDEA,
    Right.SUBMIT_COE_IDEA,
    Right.SHARE_AUTOMATION,
    Right.SUBMIT_CHANGE_REQUEST,
)


class RawPageRequest(msgspec.Struct):
    """What the desk needs of a request; header names are lower-case."""

    headers: Mapping[str, str]
    query: bytes
    path: Mapping[str, str]
    address: str
    client: str
    form: Form = msgspec.field(default_factory=Form)


class Desk:
    """Serves views for the life of a process, beside the edge."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._database, self._settings, self._installation = (
            edge.database,
            edge.settings,
            edge.installation,
        )
        self._authenticator: Authenticator = edge.authenticator
        self._calls = RateLimit(edge.settings.rate_limit_per_minute)
        self.sign_ins = RateLimit(edge.settings.sign_in_limit_per_minute)
        self._is_secure = edge.settings.base_url.startswith("https:")

    def answer(self, view: View, asked: RawPageRequest) -> Answer:
        """The page, or the page that says why not; never raises."""
        cookies = _cookies(asked.headers.get("cookie", ""))
        request = self._visit(asked, cookies)
        try:
            if view.method != "GET":
                self._check_origin(asked.headers)
            if view.sign_in:
                self.sign_ins.check(asked.client)
            drops = any(name == DROP for name, _ in request.pairs)
            request = _with_query(request, view, asked.query)
            shown: PageResult = Redirect(request.link()) if drops else self._shown(view, request)
        except HubError as error:
            shown = self._refused(view, request, error)
        except Exception as error:
            shown = _fault_page(view, request, error)
        return self._sent(shown, asked.headers, had_said=SAID in cookies)

    def admit(self, view: View, asked: RawPageRequest) -> Answer | None:
        """Asks, before a file is read, whether the person may send it at all; the refusal, or
        None."""
        request = self._visit(asked, _cookies(asked.headers.get("cookie", "")))
        try:
            self._check_origin(asked.headers)
            with self._database.reading() as db:
                self._entered(view, request, db)
        except HubError as error:
            return self._sent(self._refused(view, request, error), asked.headers, had_said=False)
        return None

    def unreadable(self, asked: RawPageRequest, error: HubError) -> Answer:
        """The page for a form that cannot be read."""
        request = self._visit(asked, _cookies(asked.headers.get("cookie", "")))
        return self._sent(self._refusal_page(request, error), asked.headers, had_said=False)

    def lost(self, headers: Mapping[str, str], address: str) -> Answer:
        """The page for an address at which there is nothing."""
        request = self._visit(
            RawPageRequest(headers, b"", {}, address, ""), _cookies(headers.get("cookie", ""))
        )
        return self._sent(
            self._refusal_page(request, NotFound(request.reader("There is no such page."))),
            headers,
            had_said=False,
        )

    def _visit(self, asked: RawPageRequest, cookies: Mapping[str, str]) -> PageRequest[Any]:
        try:
            pairs = pairs_of(asked.query[:LONGEST_QUERY])
        except Invalid:
            pairs = []
        return PageRequest(
            db=None,
            caller=Caller(kind="anonymous", door="page"),
            settings=self._settings,
            installation=self._installation,
            now=clock(),
            path=asked.path,
            address=asked.address,
            query=Query(b"", (), limit=PER_PAGE),
            pairs=pairs,
            form=asked.form,
            reader=reader_of(asked.headers, cookies, self._settings.locale),
            cookies=cookies,
            client=asked.client,
            agent=asked.headers.get("user-agent", "")[:300],
            me=None,
            said=cookies.get(SAID, "")[:SAID_AT_MOST],
            above=self._edge.above,
            blobs=self._edge.blobs,
        )

    def _shown(self, view: View, request: PageRequest[Any]) -> PageResult:
        try:
            return self._handled(view, view.handle, request)
        except HubError as error:
            if view.on_error is None or (
                view.rights and isinstance(error, Unauthenticated | Forbidden)
            ):
                raise
            again: Callable[[Any], PageResult] = view.on_error
            with self._database.reading() as db:
                return again(
                    replace(self._entered(view, request, db), error=request.reader.retell(error))
                )

    def _handled(
        self, view: View, handle: Callable[[Any], PageResult], request: PageRequest[Any]
    ) -> PageResult:
        if view.transaction == "write":
            return self._database.write(lambda db: handle(self._entered(view, request, db)))
        with self._database.reading() as db:
            entered = self._entered(view, request, db)
            if view.transaction == "read":
                return handle(entered)
        return handle(replace(entered, db=self._database))

    def _entered(self, view: View, request: PageRequest[Any], db: Reading) -> PageRequest[Any]:
        """The visit with its caller, inside a transaction. Raises Unauthenticated, Forbidden,
        TooManyRequests."""
        caller = self._caller(db, request)
        if caller is None and view.rights:
            raise Unauthenticated(request.reader("Please sign in."))
        entered = self._with_person(replace(request, db=db), caller)
        if view.rights:
            self._calls.check(entered.caller.name)
            check_rights(entered.caller, view.rights, any_category=view.any_category)
        return entered

    def _caller(self, db: Reading, request: PageRequest[Any]) -> Caller | None:
        token = request.cookies.get(self.cookie, "")
        return self._authenticator.by_session(db, token, now=request.now) if token else None

    def _with_person(self, request: PageRequest[Any], caller: Caller | None) -> PageRequest[Any]:
        person = (
            access.get_account(request.db, caller.user_id)
            if caller and caller.user_id is not None
            else None
        )
        if caller is None or person is None:
            return request
        me = CurrentUser(
            person.user_id, f"{person.user_first_name} {person.user_last_name}", person.user_email
        )
        found = replace(request, caller=caller, me=me)
        frame = {
            "admin": any(found.may(right) for right in ADMIN_RIGHTS),
            "submit": any(found.may(right) for right in SUBMIT_RIGHTS),
            "dashboards": found.may(Right.VIEW_DASHBOARDS),
        }
        return replace(found, frame=frame)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; over HTTPS browsers bind `__Host-` to this host and
        to secure connections."""
        return "__Host-autohub" if self._is_secure else "autohub"

    def _check_origin(self, headers: Mapping[str, str]) -> None:
        """Refuses what another site's page sends in the reader's name. Raises Forbidden."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            right = site in ("same-origin", "none")
        else:
            origin = headers.get("origin")
            right = origin is None or urlsplit(origin).netloc == headers.get("host", "")
        if not right:
            raise Forbidden(
                "This form was sent from another site. Open the page here and send it again."
            )

    # --- refusals ---

    def _refused(self, view: View, request: PageRequest[Any], error: HubError) -> PageResult:
        if isinstance(error, Unauthenticated):
            if view.method == "GET":
                return Redirect(f"/sign-in?{urlencode({'next': request.link()})}")
            return request.page("session-ended.html", status=401, error=error)
        return self._refusal_page(request, error)

    def _refusal_page(self, request: PageRequest[Any], error: HubError) -> RenderedPage:
        headings = {
            403: request.reader("You may not see this"),
            404: request.reader("There is nothing here"),
            409: request.reader("That does not fit any more"),
            429: request.reader("A little slower, please"),
            503: request.reader("The hub is busy"),
        }
        heading = headings.get(error.status, request.reader("That did not work"))
        try:
            with self._database.reading() as db:
                token = request.cookies.get(self.cookie, "")
                known = self._with_person(
                    replace(request, db=db),
                    self._authenticator.by_session(db, token, now=request.now) if token else None,
                )
        except HubError:
            known = request
        if isinstance(error, Unavailable):
            faults.note_unavailable(error, request.address)
        error = request.reader.retell(error)
        details = [f"{name}: {text}" for name, texts in error.details.items() for text in texts]
        return known.page(
            "error.html",
            status=error.status,
            heading=heading,
            message=error.message,
            details=details,
            fault_id="",
        )

    # --- sending ---

    def _sent(self, shown: PageResult, headers: Mapping[str, str], *, had_said: bool) -> Answer:
        if isinstance(shown, Redirect):
            return self._led(shown, headers)
        if isinstance(shown, Stream):
            return streaming.answer(shown, headers)
        if isinstance(shown, Download):
            return _file(shown)
        sent = dict(shown.headers)
        if had_said:
            sent["set-cookie"] = self._set(SAID, None)
        body = shown.html.encode()
        if takes_gzip(headers) and len(body) > 1000:
            body = gzip.compress(body, 4, mtime=0)
            sent["content-encoding"] = "gzip"
        return Answer(shown.status, body, "text/html; charset=utf-8", sent)

    def _led(self, shown: Redirect, headers: Mapping[str, str]) -> Answer:
        cookies = dict(shown.cookies)
        if shown.said:
            cookies[SAID] = shown.said[:SAID_AT_MOST]
        sent = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
        status = 303
        address = quote(shown.address, safe=IN_ADDRESSES)  # headers are ASCII, slugs of any script
        if not address:
            status = 204
        elif "hx-request" in headers:  # a redirect would be followed out of sight
            status, sent["hx-redirect"] = 200, address
        else:
            sent["location"] = address
        answer = Answer(status, b"", "text/html; charset=utf-8", sent)
        if cookies:
            answer.headers["set-cookie"] = "\n".join(
                self._set(name, value) for name, value in cookies.items()
            )
        return answer

    def _set(self, name: str, value: str | None) -> str:
        kept = (
            {SAID: 60, "session": self._settings.session_hours * 3600}.get(name, YEAR)
            if value is not None
            else 0
        )
        label = self.cookie if name == "session" else name
        secure = "; Secure" if self._is_secure else ""
        return (
            f"{label}={quote(value or '', safe='')}; Path=/; Max-Age={kept}; HttpOnly; "
            f"SameSite=Lax{secure}"
        )


def _fault_page(view: View, request: PageRequest[Any], error: Exception) -> RenderedPage:
    fault_id = uuid.uuid4().hex
    faults.note_unexpected(error, fault_id, f"{view.method} {view.path}")
    if faults.is_full(error):
        return request.page(
            "error.html",
            status=507,
            fault_id=fault_id,
            message="",
            heading=request.reader("There is no space left"),
        )
    return request.page(
        "error.html",
        status=500,
        fault_id=fault_id,
        message="",
        heading=request.reader("Something went wrong"),
    )


def _with_query(request: PageRequest[Any], view: View, raw: bytes) -> PageRequest[Any]:
    """The visit with what its address says. Raises Invalid."""
    if len(raw) > LONGEST_QUERY:
        text = request.reader(
            "This address is too long: it has %(length)s characters, and %(limit)s are read."
        )
        raise Invalid(text % {"length": len(raw), "limit": LONGEST_QUERY})
    query = Query(_filled(raw), view.params, limit=PER_PAGE)
    return replace(request, pairs=state_of(request.pairs, view.params), query=query)


def _file(shown: Download) -> Answer:
    name = quote(shown.name)
    sent = {
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Answer(
        200,
        shown.content,
        shown.media,
        sent | {"content-security-policy": "default-src 'none'; sandbox"},
    )


def _filled(query: bytes) -> bytes:
    """The query without the fields of a form that were left empty: they ask for nothing."""
    return b"&".join(part for part in query.split(b"&") if not part.endswith(b"="))


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header[:16_000].split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and name not in found:
            found[name] = unquote(value)
    return found
