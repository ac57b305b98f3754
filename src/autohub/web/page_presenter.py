"""How pages are asked and answered: the session, the frame around every page, and what is shown
when something refuses."""

import gzip
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from autohub.access import proofs
from autohub.access import store as access
from autohub.access.model import Caller, ProofNeeded, Right, SecondFactorNeeded
from autohub.db.engine import Reading
from autohub.kit import faults
from autohub.kit.clock import now as clock
from autohub.kit.errors import Forbidden, HubError, Invalid, NotFound, Unauthenticated, Unavailable
from autohub.kit.etags import is_among, make_etag
from autohub.kit.query import Query
from autohub.kit.text import full_name
from autohub.web import streaming
from autohub.web.dispatcher import Context, Incoming
from autohub.web.forms import pairs_of
from autohub.web.limits import RateLimit
from autohub.web.page_requests import (
    DROP,
    LONGEST_QUERY,
    PER_PAGE,
    CurrentUser,
    Download,
    PageRequest,
    PageResult,
    Redirect,
    state_of,
)
from autohub.web.pages import SECURITY_HEADERS, RenderedPage
from autohub.web.reader import Reader, name_field, reader_of, tell_fault
from autohub.web.routes import Route, Stream
from autohub.web.streaming import Answer, takes_gzip

PATH_NAME = re.compile(r"\{(\w+)\}")
SAID, SAID_AT_MOST = "said", 500
SECOND_FACTORS = "/account/second-factors"
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


class PagePresenter:
    """The presenter of pages."""

    def __init__(self, context: Context, routes: Iterable[Route]) -> None:
        self._context = context
        self._pages = [route for route in routes if route.method == "GET"]
        self.calls = RateLimit(context.settings.rate_limit_per_minute)
        self.sign_ins = RateLimit(context.settings.sign_in_limit_per_minute)
        self._is_secure = context.settings.base_url.startswith("https:")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; over HTTPS browsers bind `__Host-` to this host and
        to secure connections."""
        return "__Host-autohub" if self._is_secure else "autohub"

    def check(self, route: Route, incoming: Incoming) -> None:
        """Refuses what another site's page sends in the reader's name. Raises Forbidden."""
        if route.method == "GET":
            return
        headers = incoming.headers
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

    def prepare(self, route: Route, incoming: Incoming) -> Answer | None:
        """A button that takes a filter off needs no handler: it leads to the address without it.
        Raises Invalid for an address too long to be read."""
        visit = incoming.read = self._visit(incoming, route)
        if len(incoming.query) > LONGEST_QUERY:
            text = visit.reader(
                "This address is too long: it has %(length)s characters, and %(limit)s are read."
            )
            raise Invalid(text % {"length": len(incoming.query), "limit": LONGEST_QUERY})
        if any(name == DROP for name, _ in pairs_of(incoming.query)):
            return self._redirect(Redirect(visit.link()), incoming.headers)
        if proofs.is_sent(incoming.form.get):
            self._prove(incoming)
        return None

    def _prove(self, incoming: Incoming) -> None:
        """What `prove.html` adds to a form that needs it. Raises ProofNeeded."""
        database = self._context.database
        with database.reading() as db:
            caller = self._signed_in(db, incoming)
        if caller is not None:
            proofs.prove(
                database,
                caller,
                incoming.form.get,
                client=incoming.client,
                base_url=self._context.settings.base_url,
                installation=self._context.installation,
                now=incoming.now,
            )

    def caller(self, db: Reading, route: Route, incoming: Incoming) -> Caller:
        """Raises Unauthenticated."""
        caller = self._signed_in(db, incoming)
        if caller is None and route.rights:
            raise Unauthenticated(self._reader(incoming)("Please sign in."))
        return caller or _nobody()

    def request(
        self,
        db: Reading,
        route: Route,
        incoming: Incoming,
        caller: Caller,
        error: HubError | None = None,
    ) -> PageRequest[Any]:
        """Raises Invalid for an address that cannot be read."""
        visit: PageRequest[Any] = incoming.read
        return _with_person(
            replace(
                visit,
                db=db,
                query=Query(_filled(incoming.query), route.params, limit=PER_PAGE),
                address=self._page_address(route, incoming) if error else visit.address,
                error=visit.reader.retell(error) if error else None,
            ),
            caller,
        )

    def present(self, route: Route, incoming: Incoming, result: PageResult) -> Answer:
        if route.method == "GET" and isinstance(result, RenderedPage) and _is_lasting(result):
            return self._send_once(result, incoming.headers)
        return self._send(result, incoming.headers)

    def finish(self, incoming: Incoming, answer: Answer) -> Answer:
        return answer

    def refuse(self, route: Route, incoming: Incoming, error: HubError) -> Answer:
        visit = self._visit(incoming, route)
        if isinstance(error, ProofNeeded):
            back = self._page_address(route, incoming)
            return self._send(self._proof_page(visit, incoming, error, back), incoming.headers)
        if isinstance(error, SecondFactorNeeded):
            return self._redirect(Redirect(SECOND_FACTORS), incoming.headers)
        if not isinstance(error, Unauthenticated):
            shown = self._refusal_page(visit, incoming, error, route.name)
            return self._send(shown, incoming.headers)
        if route.method == "GET":
            address = f"/sign-in?{urlencode({'next': visit.link()})}"
            return self._redirect(Redirect(address), incoming.headers)
        return self._send(
            visit.page("session-ended.html", status=401, error=error), incoming.headers
        )

    def _proof_page(
        self, visit: PageRequest[Any], incoming: Incoming, error: HubError, back: str
    ) -> RenderedPage:
        """Asks who sits there, and carries what was sent on."""
        with self._context.database.reading() as db:
            caller = self._signed_in(db, incoming)
            visit = _with_person(replace(visit, db=db), caller or _nobody())
            return visit.page(
                "prove.html",
                status=error.status,
                error=visit.reader.retell(error),
                back=back,
                ways=proofs.list_ways(
                    db,
                    caller or _nobody(),
                    base_url=self._context.settings.base_url,
                    installation=self._context.installation,
                    now=incoming.now,
                ),
            )

    def fail(self, route: Route, incoming: Incoming, error: Exception) -> Answer:
        visit = self._visit(incoming, route)
        fault_id = incoming.request_id
        faults.note_unexpected(error, fault_id, route.name)
        status, heading = (
            (507, visit.reader("There is no space left"))
            if faults.is_full(error)
            else (500, visit.reader("Something went wrong"))
        )
        shown = visit.page(
            "error.html",
            status=status,
            heading=heading,
            message="",
            details=[],
            fault_id=fault_id,
        )
        return self._send(shown, incoming.headers)

    def lost(self, incoming: Incoming) -> Answer:
        """The page for an address at which there is nothing."""
        incoming.now = clock()
        visit = self._visit(incoming)
        error = NotFound(visit.reader("There is no such page."))
        return self._send(self._refusal_page(visit, incoming, error, "no page"), incoming.headers)

    # --- who visits, and what their address says ---

    def _reader(self, incoming: Incoming) -> Reader:
        return reader_of(
            incoming.headers, _cookies(incoming.headers), self._context.settings.locale
        )

    def _visit(self, incoming: Incoming, route: Route | None = None) -> PageRequest[Any]:
        """The request before it is known who makes it; never raises."""
        try:
            pairs = pairs_of(incoming.query[:LONGEST_QUERY])
        except Invalid:
            pairs = []
        cookies = _cookies(incoming.headers)
        return PageRequest(
            db=None,
            caller=_nobody(),
            settings=self._context.settings,
            installation=self._context.installation,
            now=incoming.now,
            path=incoming.path,
            address=incoming.address,
            sent=incoming.address.rpartition("/")[2],
            query=Query(b"", (), limit=PER_PAGE),
            pairs=state_of(pairs, route.params if route else ()),
            form=incoming.form,
            reader=self._reader(incoming),
            cookies=cookies,
            client=incoming.client,
            agent=incoming.headers.get("user-agent", "")[:300],
            me=None,
            said=cookies.get(SAID, "")[:SAID_AT_MOST],
            above=self._context.above,
            blobs=self._context.blobs,
        )

    def _page_address(self, route: Route, incoming: Incoming) -> str:
        """Where the page stands on which the form is shown again; of several that one handler
        shows, the nearest."""
        found = [
            page.path.format_map(incoming.path)
            for page in self._pages
            if page.handle is route.on_error
            and incoming.path.keys() >= {*PATH_NAME.findall(page.path)}
        ]
        return max(
            found,
            key=lambda path: (incoming.address.startswith(path), path),
            default=incoming.address,
        )

    def _signed_in(self, db: Reading, incoming: Incoming) -> Caller | None:
        token = _cookies(incoming.headers).get(self.cookie, "")
        if not token:
            return None
        return self._context.authenticator.by_session(db, token, now=incoming.now)

    def _refusal_page(
        self, visit: PageRequest[Any], incoming: Incoming, error: HubError, place: str
    ) -> RenderedPage:
        headings = {
            403: visit.reader("You may not see this"),
            404: visit.reader("There is nothing here"),
            409: visit.reader("That does not fit any more"),
            429: visit.reader("A little slower, please"),
            503: visit.reader("The hub is busy"),
        }
        heading = headings.get(error.status, visit.reader("That did not work"))
        try:
            with self._context.database.reading() as db:
                caller = self._signed_in(db, incoming)
                visit = _with_person(replace(visit, db=db), caller or _nobody())
        except HubError:  # nobody is shown in the frame, then
            pass
        if isinstance(error, Unavailable):
            faults.note_unavailable(error, place)
        error = visit.reader.retell(error)
        details = [
            tell_fault(text, name_field(name))
            for name, texts in error.details.items()
            for text in texts
        ]
        return visit.page(
            "error.html",
            status=error.status,
            heading=heading,
            message=error.message,
            details=details,
            fault_id="",
        )

    # --- sending ---

    def _send_once(self, shown: RenderedPage, headers: Mapping[str, str]) -> Answer:
        """A page that the browser may keep, if it asks each time whether it is still the same; 304
        when it is. What a page says once is not kept."""
        if SAID in _cookies(headers):
            return self._send(shown, headers)
        etag = f"W/{make_etag(shown.html.encode())}"
        sent = shown.headers | {"cache-control": "private, no-cache", "etag": etag}
        if is_among(etag, headers.get("if-none-match", "")):
            return Answer(304, b"", media="text/html; charset=utf-8", headers=sent)
        return self._send(shown._replace(headers=sent), headers)

    def _send(self, shown: PageResult, headers: Mapping[str, str]) -> Answer:
        if isinstance(shown, Redirect):
            return self._redirect(shown, headers)
        if isinstance(shown, Stream):
            return streaming.answer(shown, headers)
        if isinstance(shown, Download):
            return _file(shown)
        sent = dict(shown.headers)
        if SAID in _cookies(headers):
            sent["set-cookie"] = self._set(SAID, None)
        body = shown.html.encode()
        if takes_gzip(headers) and len(body) > 1000:
            body = gzip.compress(body, 4, mtime=0)
            sent["content-encoding"] = "gzip"
        return Answer(
            status=shown.status, content=body, media="text/html; charset=utf-8", headers=sent
        )

    def _redirect(self, shown: Redirect, headers: Mapping[str, str]) -> Answer:
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
        if cookies.get("session", "") is None:  # who comes after must not find it by going back
            sent["clear-site-data"] = '"cache"'
        answer = Answer(status=status, content=b"", media="text/html; charset=utf-8", headers=sent)
        if cookies:
            answer.headers["set-cookie"] = "\n".join(
                self._set(name, value) for name, value in cookies.items()
            )
        return answer

    def _set(self, name: str, value: str | None) -> str:
        kept = (
            {SAID: 60, "session": self._context.settings.session_hours * 3600}.get(name, YEAR)
            if value is not None
            else 0
        )
        label = self.cookie if name == "session" else name
        secure = "; Secure" if self._is_secure else ""
        return (
            f"{label}={quote(value or '', safe='')}; Path=/; Max-Age={kept}; HttpOnly; "
            f"SameSite=Lax{secure}"
        )


def _is_lasting(page: RenderedPage) -> bool:
    """Whether it is a page like others: no refusal, and none whose address is a secret."""
    return page.status == 200 and page.headers is SECURITY_HEADERS


def _nobody() -> Caller:
    return Caller(kind="anonymous", door="page")


def _with_person(request: PageRequest[Any], caller: Caller) -> PageRequest[Any]:
    """The request with who makes it, and what the frame shows them."""
    if caller.user_id is None:
        return request
    person = access.get_account(request.db, caller.user_id)
    if person is None:
        return request
    me = CurrentUser(
        person.user_id, full_name(person.user_first_name, person.user_last_name), person.user_email
    )
    found = replace(request, caller=caller, me=me)
    frame = {
        "admin": any(found.may(right) for right in ADMIN_RIGHTS),
        "submit": any(found.may(right) for right in SUBMIT_RIGHTS),
        "dashboards": found.may(Right.VIEW_DASHBOARDS),
    }
    return replace(found, frame=frame)


def _file(shown: Download) -> Answer:
    name = quote(shown.name)
    sent = {
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Answer(
        status=200,
        content=shown.content,
        media=shown.media,
        headers=sent | {"content-security-policy": "default-src 'none'; sandbox"},
    )


def _filled(query: bytes) -> bytes:
    """The query without the fields of a form that were left empty: they ask for nothing."""
    return b"&".join(part for part in query.split(b"&") if not part.endswith(b"="))


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in headers.get("cookie", "")[:16_000].split(";"):
        name, equals, value = part.strip().partition("=")
        if equals and name not in found:
            found[name] = unquote(value)
    return found
