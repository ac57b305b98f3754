"""From a request to a page: session, right, transaction, handler, and what is shown when one of them refuses.

As the edge does for calls, all of it runs in one worker thread and one transaction, which is committed before the page is sent.
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
from autohub.access.routes import Stream, check_rights
from autohub.db.engine import Reading
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Forbidden, HubError, Invalid, NotFound, Unauthenticated, Unavailable
from autohub.kit.query import Query
from autohub.web import streaming
from autohub.web.edge import Edge
from autohub.web.limits import RateLimit
from autohub.web.pages import Page
from autohub.web.reader import reader_of
from autohub.web.streaming import Answer, takes_gzip
from autohub.web.views import DROP, LONGEST_QUERY, PER_PAGE, Form, Me, See, Sent, Shown, View, Visit, pairs_of, state_of

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
SUBMIT_RIGHTS = (Right.SUBMIT_IDEA, Right.SUBMIT_COE_IDEA, Right.SHARE_AUTOMATION, Right.SUBMIT_CHANGE_REQUEST)


class Asked(msgspec.Struct):
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
        self._database, self._settings, self._installation = edge.database, edge.settings, edge.installation
        self._authenticator: Authenticator = edge.authenticator
        self._calls = RateLimit(edge.settings.rate_limit_per_minute)
        self.sign_ins = RateLimit(edge.settings.sign_in_limit_per_minute)
        self._is_secure = edge.settings.base_url.startswith("https:")

    def answer(self, view: View, asked: Asked) -> Answer:
        """The page, or the page that says why not; never raises."""
        cookies = _cookies(asked.headers.get("cookie", ""))
        visit = self._visit(asked, cookies)
        try:
            if view.method != "GET":
                self._check_origin(asked.headers)
            if view.sign_in:
                self.sign_ins.check(asked.client)
            drops = any(name == DROP for name, _ in visit.pairs)
            visit = _with_query(visit, view, asked.query)
            shown: Shown = See(visit.link()) if drops else self._shown(view, visit)
        except HubError as error:
            shown = self._refused(view, visit, error)
        except Exception as error:
            shown = _fault_page(view, visit, error)
        return self._sent(shown, asked.headers, had_said=SAID in cookies)

    def admit(self, view: View, asked: Asked) -> Answer | None:
        """Asks, before a file is read, whether the person may send it at all; the refusal, or None."""
        visit = self._visit(asked, _cookies(asked.headers.get("cookie", "")))
        try:
            self._check_origin(asked.headers)
            with self._database.reading() as db:
                self._entered(view, visit, db)
        except HubError as error:
            return self._sent(self._refused(view, visit, error), asked.headers, had_said=False)
        return None

    def unreadable(self, asked: Asked, error: HubError) -> Answer:
        """The page for a form that cannot be read."""
        visit = self._visit(asked, _cookies(asked.headers.get("cookie", "")))
        return self._sent(self._refusal_page(visit, error), asked.headers, had_said=False)

    def lost(self, headers: Mapping[str, str], address: str) -> Answer:
        """The page for an address at which there is nothing."""
        visit = self._visit(Asked(headers, b"", {}, address, ""), _cookies(headers.get("cookie", "")))
        return self._sent(self._refusal_page(visit, NotFound(visit.reader("There is no such page."))), headers, had_said=False)

    def _visit(self, asked: Asked, cookies: Mapping[str, str]) -> Visit[Any]:
        try:
            pairs = pairs_of(asked.query[:LONGEST_QUERY])
        except Invalid:
            pairs = []
        return Visit(
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

    def _shown(self, view: View, visit: Visit[Any]) -> Shown:
        try:
            return self._handled(view, view.handle, visit)
        except HubError as error:
            if view.again is None or (view.rights and isinstance(error, Unauthenticated | Forbidden)):
                raise
            again: Callable[[Any], Shown] = view.again
            with self._database.reading() as db:
                return again(replace(self._entered(view, visit, db), error=visit.reader.retell(error)))

    def _handled(self, view: View, handle: Callable[[Any], Shown], visit: Visit[Any]) -> Shown:
        if view.transaction == "write":
            return self._database.write(lambda db: handle(self._entered(view, visit, db)))
        with self._database.reading() as db:
            entered = self._entered(view, visit, db)
            if view.transaction == "read":
                return handle(entered)
        return handle(replace(entered, db=self._database))

    def _entered(self, view: View, visit: Visit[Any], db: Reading) -> Visit[Any]:
        """The visit with its caller, inside a transaction. Raises Unauthenticated, Forbidden, TooManyRequests."""
        caller = self._caller(db, visit)
        if caller is None and view.rights:
            raise Unauthenticated(visit.reader("Please sign in."))
        entered = self._with_person(replace(visit, db=db), caller)
        if view.rights:
            self._calls.check(entered.caller.name)
            check_rights(entered.caller, view.rights, somewhere=view.somewhere)
        return entered

    def _caller(self, db: Reading, visit: Visit[Any]) -> Caller | None:
        token = visit.cookies.get(self.cookie, "")
        return self._authenticator.by_session(db, token, now=visit.now) if token else None

    def _with_person(self, visit: Visit[Any], caller: Caller | None) -> Visit[Any]:
        person = access.account(visit.db, caller.user_id) if caller and caller.user_id is not None else None
        if caller is None or person is None:
            return visit
        me = Me(person.user_id, f"{person.user_first_name} {person.user_last_name}", person.user_email)
        found = replace(visit, caller=caller, me=me)
        frame = {
            "admin": any(found.may(right) for right in ADMIN_RIGHTS),
            "submit": any(found.may(right) for right in SUBMIT_RIGHTS),
            "dashboards": found.may(Right.VIEW_DASHBOARDS),
        }
        return replace(found, frame=frame)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; over HTTPS browsers bind `__Host-` to this host and to secure connections."""
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
            raise Forbidden("This form was sent from another site. Open the page here and send it again.")

    # --- refusals ---

    def _refused(self, view: View, visit: Visit[Any], error: HubError) -> Shown:
        if isinstance(error, Unauthenticated):
            if view.method == "GET":
                return See(f"/sign-in?{urlencode({'next': visit.link()})}")
            return visit.page("session-ended.html", status=401, error=error)
        return self._refusal_page(visit, error)

    def _refusal_page(self, visit: Visit[Any], error: HubError) -> Page:
        headings = {
            403: visit.reader("You may not see this"),
            404: visit.reader("There is nothing here"),
            409: visit.reader("That does not fit any more"),
            429: visit.reader("A little slower, please"),
            503: visit.reader("The hub is busy"),
        }
        heading = headings.get(error.status, visit.reader("That did not work"))
        try:
            with self._database.reading() as db:
                token = visit.cookies.get(self.cookie, "")
                known = self._with_person(
                    replace(visit, db=db), self._authenticator.by_session(db, token, now=visit.now) if token else None
                )
        except HubError:
            known = visit
        if isinstance(error, Unavailable):
            faults.note_unavailable(error, visit.address)
        error = visit.reader.retell(error)
        details = [f"{name}: {text}" for name, texts in error.details.items() for text in texts]
        return known.page("error.html", status=error.status, heading=heading, message=error.message, details=details, fault_id="")

    # --- sending ---

    def _sent(self, shown: Shown, headers: Mapping[str, str], *, had_said: bool) -> Answer:
        if isinstance(shown, See):
            return self._led(shown, headers)
        if isinstance(shown, Stream):
            return streaming.answer(shown, headers)
        if isinstance(shown, Sent):
            return _file(shown)
        sent = dict(shown.headers)
        if had_said:
            sent["set-cookie"] = self._set(SAID, None)
        body = shown.html.encode()
        if takes_gzip(headers) and len(body) > 1000:
            body = gzip.compress(body, 4, mtime=0)
            sent["content-encoding"] = "gzip"
        return Answer(shown.status, body, "text/html; charset=utf-8", sent)

    def _led(self, shown: See, headers: Mapping[str, str]) -> Answer:
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
            answer.headers["set-cookie"] = "\n".join(self._set(name, value) for name, value in cookies.items())
        return answer

    def _set(self, name: str, value: str | None) -> str:
        kept = {SAID: 60, "session": self._settings.session_hours * 3600}.get(name, YEAR) if value is not None else 0
        label = self.cookie if name == "session" else name
        secure = "; Secure" if self._is_secure else ""
        return f"{label}={quote(value or '', safe='')}; Path=/; Max-Age={kept}; HttpOnly; SameSite=Lax{secure}"


def _fault_page(view: View, visit: Visit[Any], error: Exception) -> Page:
    fault_id = uuid.uuid4().hex
    faults.note_unexpected(error, fault_id, f"{view.method} {view.path}")
    if faults.is_full(error):
        return visit.page("error.html", status=507, fault_id=fault_id, message="", heading=visit.reader("There is no space left"))
    return visit.page("error.html", status=500, fault_id=fault_id, message="", heading=visit.reader("Something went wrong"))


def _with_query(visit: Visit[Any], view: View, raw: bytes) -> Visit[Any]:
    """The visit with what its address says. Raises Invalid."""
    if len(raw) > LONGEST_QUERY:
        text = visit.reader("This address is too long: it has %(length)s characters, and %(limit)s are read.")
        raise Invalid(text % {"length": len(raw), "limit": LONGEST_QUERY})
    query = Query(_filled(raw), view.params, limit=PER_PAGE)
    return replace(visit, pairs=state_of(visit.pairs, view.params), query=query)


def _file(shown: Sent) -> Answer:
    name = quote(shown.name)
    sent = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Answer(200, shown.content, shown.media, sent | {"content-security-policy": "default-src 'none'; sandbox"})


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
