"""What holds for all pages: who may see them, what they carry, that no form breaks them, and
that every text is in the catalogue."""

import inspect
import re

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Shown, Visitor, visitor

from autohub.access import store as access
from autohub.access.model import DEFAULT_ROLES
from autohub.imports import runs
from autohub.imports.mapping import Mapping
from autohub.kit.clock import now as clock
from autohub.server.routes import PAGES
from autohub.web.routes import Route

OWNERS, ADMINS = {1}, {1, 2}
EVERYONE = {role.role_id for role in DEFAULT_ROLES}
VIEWERS, PUBLISHERS = {1, 2, 3, 5}, {1, 2, 10}
EXPECTED: tuple[tuple[str, set[int]], ...] = (
    # addresses by how they begin, and the roles to which they are open; written down from product
    # 1, not from the code
    ("/admin/account", OWNERS),
    ("/admin/sign-on", OWNERS),
    ("/admin/open-api", EVERYONE),
    ("/admin", ADMINS),
    ("/dashboards", VIEWERS),
    ("/store/{offer}/offer", PUBLISHERS),
    ("/submit", EVERYONE - {3}),
    ("/", EVERYONE),
)
OF_THE_IDEA = re.compile(
    r"/automation-profile/.*/(edit|move|seat|add|\{key\}|cost-benefit.*|collaborators.*)$|/files/|/submit/|/components/\{|^/webhooks/\{"
)
"""Pages on which it depends on what they show who may see them; their own tests say
who."""
SHOWN_ONCE = {"/account/second-factors/app"}
PUBLIC = {
    "/sign-in",
    "/sign-in/with/{provider}",
    "/sign-in/back",
    "/sign-in/logout/{provider}",
    "/sign-in/passkey",
    "/sign-in/second",
    "/forgotten",
    "/reset/{token}",
    "/register/{token}",
}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


GETS = [route for route in PAGES if route.method == "GET"]
POSTS = [route for route in PAGES if route.method == "POST"]


def offered(owner: Client) -> str:
    """A live automation in the store; beside it, an application."""
    owner.put(
        "/appinventory",
        [
            {
                "application_id": None,
                "application_name": "SAP",
                "application_version": "",
                "application_language": "",
                "categoryIds": [3],
            }
        ],
    )
    process_id = hand_in(owner)
    owner.post("/automations/status", {"process_id": process_id, "phase_status_id": 91, "force": 1})
    owner.put(f"/automation-store/{process_id}", {"offer_text": "Ask us."})
    return str(process_id)


def _a_long_import(hub: TestHub, owner: Client) -> int:
    """One that waits for the worker."""
    with hub.database.reading() as db:
        caller = access.load_caller(db, owner.user_id or 0, door="page")
    assert caller is not None
    return hub.database.write(
        lambda db: runs.queue_run(
            db,
            caller,
            file_name="long.csv",
            blob_key="gone",
            mapping=Mapping(),
            total=5000,
            now=clock(),
        )
    )


def provide_sign_on(hub: TestHub, owner: Client) -> None:
    provider = {"provider_name": "Contoso", "issuer": "https://id.example.com", "client_id": "hub"}
    assert Visitor(hub, owner.user_id).post("/admin/sign-on", provider).status == 303


@pytest.fixture
def filled(hub: TestHub, owner: Client) -> dict[str, str]:
    """A hub with one of everything, and what stands in addresses for it."""
    process_id = hand_in(owner)
    owner.post("/roles", {"role_name": "Auditor", "permissions": ["Audit logs"]})
    group = owner.post("/groups", {"group_name": "Finance", "group_roles": [], "members": []}).data[
        "group_id"
    ]
    owner.post(
        "/adduser",
        {
            "user_email": "new@example.com",
            "user_first_name": "New",
            "user_last_name": "One",
            "user_invite_status": 2,
        },
    )
    sync = Visitor(hub, owner.user_id).upload(
        "/admin/access/import", "people.csv", b"E-mail,First Name,Last Name\na@example.com,A,B\n"
    )
    hook = {"webhook_name": "Desk", "url": "https://desk.example.com/"}
    webhook = owner.post("/webhooks", hook).data["webhook"]["webhook_id"]
    provide_sign_on(hub, owner)
    values = {
        "process": str(process_id),
        "provider": "1",
        "webhook": str(webhook),
        "key": "HLA",
        "flow": "1",
        "user": str(owner.user_id),
        "role": "4",
        "group": str(group),
        "factor": "1",
    }
    component = owner.post("/components", {"component_name": "Reader", "category_id": 3}).data[
        "component_id"
    ]
    values |= {"component": str(component), "offer": offered(owner)}
    return values | {
        "version": "1",
        "sync": sync.location.rpartition("/")[2],
        "run": str(_a_long_import(hub, owner)),
        "file": "1",
        "kind": "1",
        "application": "1",
        "comment": "1",
        "token": "1",
        "category": "3",
        "price": "1",
    }


def address(route: Route, values: dict[str, str]) -> str:
    return route.path.format(**values) + (
        "?chart=pipeline" if route.path == "/dashboards/download" else ""
    )


def test_every_page_is_named_once() -> None:
    names = [name(route) for route in PAGES]
    assert len(names) == len(set(names)) and len(GETS) > 70


def test_a_form_that_is_refused_is_shown_on_a_page_with_an_address_and_does_one_thing() -> None:
    pages = {route.handle for route in GETS}
    for route in POSTS:
        assert route.on_error is None or route.on_error in pages, name(route)
        assert '"act"' not in inspect.getsource(inspect.getmodule(route.handle)), name(route)


def test_every_page_opens_for_the_account_owner_and_carries_the_strict_policy(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    reader = Visitor(hub, owner.user_id)
    for route in GETS:
        if route.path in PUBLIC - {"/forgotten"} or route.path == "/files/{file}":
            continue
        shown = reader.get(address(route, filled))
        assert shown.status in (200, 303), (name(route), shown)
        if shown.headers["content-type"].startswith("text/html") and shown.status == 200:
            policy = shown.headers["content-security-policy"]
            kept = "no-store" if route.path in SHOWN_ONCE else "private, no-cache"
            assert "unsafe" not in policy and "default-src 'none'" in policy
            assert shown.headers["cache-control"] == kept
            assert not re.search(
                r"<script(?![^>]*(src=|application/json))|\sstyle=|\son\w+=", shown.html
            ), name(route)


@pytest.mark.parametrize("hub", ["sqlite"], indirect=True)
def test_no_page_speaks_to_programs(hub: TestHub, owner: Client, filled: dict[str, str]) -> None:
    reader, found = Visitor(hub, owner.user_id), []
    for route in GETS:
        if route.path not in PUBLIC and route.path != "/files/{file}":
            shown = reader.get(address(route, filled))
            is_page = shown.headers["content-type"].startswith("text/html")
            if is_page and (word := API_WORDS.search(shown.text)):
                found.append((name(route), shown.text[word.start() - 60 : word.end() + 40]))
    assert not found


def test_nothing_is_chosen_by_being_the_first_of_a_list(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    reader = Visitor(hub, owner.user_id)
    for route in GETS:
        if route.path in PUBLIC or route.path == "/files/{file}":
            continue
        shown = reader.get(address(route, filled)).html
        for form in re.findall(r'<form[^>]*method="post".*?</form>', shown, re.DOTALL):
            for chooser in re.findall(r"<select(?![^>]*multiple).*?</select>", form, re.DOTALL):
                first = re.search(r'<option value="([^"]*)"', chooser)
                chosen = re.search(r"<option[^>]*\sselected", chooser) or (first and not first[1])
                assert chosen, (name(route), chooser[:300])


def test_an_unchanged_page_is_304_and_what_is_said_once_is_not_kept(
    hub: TestHub, owner: Client
) -> None:
    reader = Visitor(hub, owner.user_id)
    first = reader.get("/pipeline")
    tag = {"if-none-match": first.headers["etag"]}
    assert reader.get("/pipeline", **tag).status == 304
    reader.cookies["said"] = "Done."
    once = reader.get("/pipeline", **tag)
    assert once.status == 200 and once.headers["cache-control"] == "no-store"
    hand_in(owner)
    assert reader.get("/pipeline", **tag).status == 200
    gone = reader.post("/sign-out")
    assert gone.headers["clear-site-data"] == '"cache"'
    assert reader.get("/pipeline", **tag).location.startswith("/sign-in")


def test_fields_of_a_filter_that_are_left_empty_filter_nothing(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    reader = Visitor(hub, owner.user_id)
    for route in GETS:
        if route.params and route.path != "/dashboards/download":
            nothing = "&".join(f"{param.name}=" for param in route.params)
            assert reader.get(f"{route.path.format(**filled)}?{nothing}").status == 200, route.path


@pytest.mark.parametrize("role_id", sorted(EVERYONE))
def test_what_a_role_may_not_see_answers_403_and_is_not_offered(
    sqlite_hub: TestHub, role_id: int, request: pytest.FixtureRequest
) -> None:
    hub = sqlite_hub
    hub.reset()
    hub.person((1, 0), email="owner@example.com")
    owner = hub.token("owner@example.com")
    filled = request.getfixturevalue("filled_sqlite")(hub, owner)
    person = visitor(hub, (role_id, 0), email="person@example.com")
    front = person.get("/explore").html
    assert ('href="/admin"' in front) is (role_id in ADMINS)
    assert ('href="/dashboards"' in front) is (role_id in VIEWERS)
    assert ('href="/submit"' in front) is (role_id != 3)
    for route in GETS:
        if (
            route.path in PUBLIC
            or OF_THE_IDEA.search(route.path)
            or route.path.startswith(("/admin/access/import/", "/admin/setup/import/{run}"))
        ):
            continue
        allowed = next(roles for begin, roles in EXPECTED if route.path.startswith(begin))
        shown = person.get(address(route, filled))
        assert (shown.status in (200, 303)) is (role_id in allowed), (name(route), role_id, shown)
        assert role_id in allowed or shown.status == 403


@pytest.fixture
def filled_sqlite():
    def make(hub: TestHub, owner: Client) -> dict[str, str]:
        provide_sign_on(hub, owner)
        values = {
            "process": str(hand_in(owner)),
            "key": "HLA",
            "flow": "1",
            "user": str(owner.user_id),
            "role": "4",
        }
        group = owner.post(
            "/groups", {"group_name": "Finance", "group_roles": [], "members": []}
        ).data["group_id"]
        component = owner.post("/components", {"component_name": "Reader", "category_id": 3}).data[
            "component_id"
        ]
        values |= {"component": str(component), "offer": offered(owner)}
        return values | {
            "group": str(group),
            "factor": "1",
            "provider": "1",
            "version": "1",
            "sync": "1",
            "run": "1",
            "file": "1",
            "kind": "1",
            "application": "1",
            "comment": "1",
            "token": "1",
            "category": "3",
        }

    return make


def test_nobody_is_led_to_the_sign_in_and_back(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    nobody = Visitor(hub)
    for route in GETS:
        if route.path not in PUBLIC:
            shown = nobody.get(address(route, filled))
            assert shown.status == 303 and shown.location.startswith("/sign-in?next="), name(route)
    for route in POSTS:
        if route.path not in PUBLIC:
            at = address(route, filled)
            shown = (
                nobody.upload(at, "x.csv", b"a,b\n")
                if route.uploads
                else nobody.post(at, {"a": "b"})
            )
            assert shown.status == 401, name(route)


def test_a_file_of_somebody_who_may_not_send_it_is_not_even_kept_for_a_moment(
    hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autohub.web import form_bodies

    monkeypatch.setattr(form_bodies, "read_with_files", lambda *_: pytest.fail("the file was read"))
    for reader, status in ((Visitor(hub), 401), (visitor(hub, (8, 0)), 403)):
        assert reader.upload("/admin/access/import", "x.csv", b"a,b\n").status == status


def test_forms_that_another_site_sends_are_refused(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    reader = Visitor(hub, owner.user_id)
    for route in POSTS:
        if not route.uploads:
            assert (
                reader.post(
                    address(route, filled), {"a": "b"}, **{"sec-fetch-site": "cross-site"}
                ).status
                == 403
            ), name(route)
    old_browser = {"sec-fetch-site": "", "origin": "https://elsewhere.example", "host": "hub.test"}
    sent = {
        name: value for name, value in reader._headers().items() if name != "sec-fetch-site"
    } | {
        "origin": old_browser["origin"],
        "content-type": "application/x-www-form-urlencoded",
    }
    assert hub.request("POST", "/sign-out", b"", sent).status == 403
    assert hub.request("POST", "/sign-out", b"", sent | {"origin": "http://hub.test"}).status == 303


API_WORDS = re.compile(
    r"\b[a-z]+_[a-z_]+\b|\b[a-z]+\.\d+\.|`|[Ee]poch|milliseconds|\b(GET|POST|PUT) /|Expected "
    r"|[{\[]\""
)
"""Names of fields and types, addresses of calls, JSON: what programs read, and people do not."""


def _told(shown: Shown) -> str:
    """What a page says beside what was typed into its fields."""
    return re.sub(r"nonsense|x{20,}|everything", "", shown.text)


NONSENSE = (
    {},
    {
        "to": "x",
        "process_id": "x",
        "user_id": "²",
        "role_id": "9" * 20,
        "category_id": "-1",
    },
    {
        "user_email": "nonsense",
        "user_first_name": "x" * 5000,
        "token_name": "",
        "comment_text": "",
        "role_name": "x" * 60,
    },
    {"view_name": "\x00", "reason": "\x07"},
    {
        "mapping": "[[[",
        "key": "x-y",
        "expires": "soon",
        "rate": "much",
        "price": "x",
        "currency": "€",
    },
    {
        "stamp": "999",
        "category_name": "x" * 51,
        "parent_id": "99999",
        "phase_name": "",
        "permission": "everything",
    },
)


@pytest.mark.parametrize("hub", ["postgresql"], indirect=True)  # the stricter one
def test_no_form_breaks_under_nonsense_and_every_refusal_says_something(
    hub: TestHub, owner: Client, filled: dict[str, str]
) -> None:
    spoken = set()
    for route in POSTS:
        if route.path == "/sign-out":
            continue
        for fields in NONSENSE:
            reader = Visitor(hub, owner.user_id)
            at = address(route, filled)
            shown = (
                reader.upload(
                    at, "x.csv", b"\x00\xff", {k: v for k, v in fields.items() if v.isprintable()}
                )
                if route.uploads
                else reader.post(at, fields)
            )
            assert shown.status in (200, 204, 303, 400, 404, 409, 429), (name(route), fields, shown)
            if shown.status >= 400:
                assert len(shown.text) > 40, (name(route), shown)
                if word := API_WORDS.search(_told(shown)):
                    spoken.add((name(route), _told(shown)[word.start() - 60 : word.end() + 60]))
    assert not spoken, "\n".join(sorted(map(str, spoken)))


def test_an_address_that_is_not_there_shows_a_page_to_people_and_json_to_programs(
    hub: TestHub, owner: Client
) -> None:
    reader = Visitor(hub, owner.user_id)
    page = reader.get("/no/such/page", accept="text/html")
    assert (
        page.status == 404
        and "There is nothing here" in page.text
        and 'href="/explore"' in page.html
    )
    assert hub.request("GET", "/no/such/page", None, {}).json["statusCode"] == 404
    wrong = reader.get("/pipeline?category=nonsense")
    assert (
        wrong.status == 400
        and "must be a whole number" in wrong.text
        and "without its filters" in wrong.text
    )


def test_files_are_kept_for_good_under_their_digest_and_travel_packed(hub: TestHub) -> None:
    page = Visitor(hub).get("/sign-in").html
    for href in re.findall(r'(?:href|src)="(/static/[^"#]+)"', page):
        answer = hub.request("GET", href, None, {"accept-encoding": "gzip"})
        assert (
            answer.status == 200
            and "immutable" in answer.headers["cache-control"]
            and answer.headers["content-encoding"] == "gzip"
        )
        assert (
            hub.request("GET", href, None, {"if-none-match": answer.headers["etag"]}).status == 304
        )
        assert (
            "immutable"
            not in hub.request("GET", href.partition("?")[0], None, {}).headers["cache-control"]
        )
    assert hub.request("GET", "/static/../pages.py", None, {}).status == 404


def test_a_page_does_not_grow_with_the_square_of_its_address(owner: Client, hub: TestHub) -> None:
    hand_in(owner)
    reader = Visitor(hub, owner.user_id)

    def size(path: str, count: int) -> int:
        page = reader.get(path + ",".join(str(1_000_000 + i) for i in range(count)))
        assert page.status == 200, page
        return len(page.html)

    for path in (
        "/pipeline?owner=",
        "/pipeline?layout=board&category=",
        "/admin/access/users?role=",
    ):
        few, some, more = (size(path, count) for count in (1, 100, 199))
        assert more - some < 1.2 * (some - few), path
        assert reader.get(path + ",".join(["1"] * 201)).status == 400
    assert reader.get(f"/pipeline?s={'x' * 9000}").status == 400
