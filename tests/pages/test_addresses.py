"""The address of a list says all of its state, and every link and form on the page carries it."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor

from autohub.server.routes import PAGES
from autohub.web.routes import Route

VOID = {"input", "br", "img", "meta", "link", "hr", "col"}
PAGING = {"page", "offset", "drop"}
VALUES = {"cols": "name", "since": "2020-01-01", "until": "2050-12-31", "s": "e", "limit": "1"}
SWITCHES = {"view", "layout"}
"""What is chosen beside the filters; whoever drops all filters keeps it."""
OF_A_VIEW = {"status", "phase"}
"""What another view of the pipeline would contradict."""

LAYOUTS = ("table", "board", "chart")


class Tag:
    def __init__(self, name: str, attributes: dict[str, str], above: "Tag | None") -> None:
        self.name, self.attributes, self.above = name, attributes, above

    def within(self) -> Iterator["Tag"]:
        tag: Tag | None = self
        while tag is not None:
            yield tag
            tag = tag.above

    def comes_along(self) -> bool:
        """Whether it is renewed with the list."""
        return any(
            t.attributes.get("id") == "list" or "data-carries" in t.attributes
            for t in self.within()
        )


class Tags(HTMLParser):
    """All tags of a page, each with those around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Tag] = []
        self._open: Tag | None = None
        self.feed(html)
        self.are_swapped = any(
            "data-list" in tag.attributes or tag.attributes.get("id") == "finder"
            for tag in self.found
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Tag(tag, {name: value or "" for name, value in attrs}, self._open)
        self.found.append(made)
        if tag not in VOID:
            self._open = made

    def handle_endtag(self, tag: str) -> None:
        while self._open is not None and self._open.name != tag:
            self._open = self._open.above
        self._open = self._open.above if self._open else None

    def fields(self, form: Tag) -> dict[str, str]:
        mine = {}
        for tag in self.found:
            if tag.name in ("input", "select", "textarea") and "name" in tag.attributes:
                named = tag.attributes.get("form")
                inside = (
                    form in tag.within() if named is None else named == form.attributes.get("id")
                )
                if inside:
                    mine[tag.attributes["name"]] = tag.attributes.get("value", "")
        return mine


LISTS = [
    route
    for route in PAGES
    if route.method == "GET"
    and {param.name for param in route.params} & {"page", "period"}
    and "{" not in route.path
    and not route.path.endswith(("/options", "/known", "/export", "/download", "/search"))
]


def state_of(route: Route, layout: str) -> dict[str, str]:
    """Something for everything that the list's address may say."""
    state = {}
    for param in route.params:
        if param.name in PAGING:
            continue
        if param.kind == "choice":
            choices = [choice for choice in param.choices if choice]
            state[param.name] = choices[0]
        else:
            state[param.name] = VALUES.get(param.name, "1") if param.kind == "text" else "1"
    if layout:
        state["layout"] = layout
    return state


def carried(address: str) -> set[str]:
    return {name for name, value in parse_qsl(urlsplit(address).query)}


@pytest.mark.parametrize("hub", ["sqlite"], indirect=True)
def test_every_link_and_form_of_a_list_carries_what_its_address_says(
    hub: TestHub, owner: Client
) -> None:
    for name in ("Enter invoices", "Sort letters", "Check the rest"):
        hand_in(owner, process_name=name)
    reader = Visitor(hub, owner.user_id)
    for route in LISTS:
        for layout in LAYOUTS if route.path == "/pipeline" else ("",):
            state = state_of(route, layout)
            # with every filter the list is empty, with few of them it has rows and pages
            usual = {"s", "sort", "limit", "cols"} | SWITCHES
            few = {name: value for name, value in state.items() if name in usual}
            for given in (state, few, {}):
                shown = reader.get(f"{route.path}?{urlencode(given)}")
                assert shown.status == 200, shown
                _look(Tags(shown.html), route.path, set(given))


def _look(tags: Tags, path: str, given: set[str]) -> None:
    for tag in tags.found:
        if tag.name == "a" and _is_own(tag.attributes.get("href", ""), path):
            _look_at_link(tag, given, tags.are_swapped)
        action = tag.attributes.get("action", "")
        sends = tag.name == "form" and tag.attributes.get("method") != "post"
        if (sends and urlsplit(action).path == path) or action.startswith(f"{path}/views"):
            fields = tags.fields(tag)
            assert not given - set(fields) - carried(action) - PAGING, (action, fields)
            if tags.are_swapped and tag.attributes.get("id") != "finder":
                assert tag.comes_along(), action  # the state of the other stands in the list


def _is_own(href: str, path: str) -> bool:
    """Whether a link leads to the same list, or to a file of it."""
    files = {f"{path}/export", f"{path}/download"}
    if path == "/admin/access/users":
        files = {"/admin/access/export"}
    at = urlsplit(href)
    return ((at.path == path and "?" in href) or at.path in files) and "empty=" not in at.query


def _look_at_link(tag: Tag, given: set[str], swapped: bool) -> None:
    href = tag.attributes["href"]
    says, may_drop = carried(href), set()
    if "view" in says and tag.above and tag.above.name == "nav":
        may_drop = OF_A_VIEW
    if "data-drops-all" in tag.attributes:
        may_drop = given - SWITCHES - {"sort", "cols", "limit"}
    assert given - says - PAGING <= may_drop, href
    if swapped:
        assert tag.comes_along(), f"{href} would keep the state of the page's first load"


def test_tabs_count_what_they_lead_to(hub: TestHub, owner: Client) -> None:
    for name in ("Enter invoices", "Sort letters"):
        hand_in(owner, process_name=name)
    page = Visitor(hub, owner.user_id).get("/pipeline?s=invoices").html
    assert '<span class="count count-quiet">1</span>' in page
    assert '<span class="count count-quiet">2</span>' not in page


def test_a_download_of_users_holds_the_people_of_the_list(hub: TestHub, owner: Client) -> None:
    hub.person((8, 0), email="zoe@example.com")
    reader = Visitor(hub, owner.user_id)
    page = reader.get("/admin/access/users?s=zoe")
    assert "1 person as CSV" in page.text
    assert "s=zoe" in page.html.partition("as a workbook")[0].rpartition("href=")[2]
    table = hub.request("GET", "/admin/access/export?kind=csv&s=zoe", None, reader._headers())
    assert table.raw.count(b"@example.com") == 1
