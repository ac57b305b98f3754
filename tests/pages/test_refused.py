"""What was typed into a form that is refused is still in it: over every form of every page, as
the pages themselves offer them."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
from tests.pages.test_every_page import GETS, PUBLIC, address, filled  # noqa: F401  the fixture is used by its name
from tests.support.hub import Client, TestHub
from tests.support.pages import Shown, Visitor, visitor

TYPED = ("text", "email", "number", "date", "tel", "url", "")
GOOD_ONCE = "one-time-code"
"""How a field says that what is typed there is good once: it is typed anew, from the app."""
KEPT_ELSEWHERE = ("/submit/",)
"""Forms that are kept as a draft while they are typed."""
NOT_FORMS = ("/sign-out", "/account/theme")


class Forms(HTMLParser):
    """The forms of a page that change something: where they go, what a person types there, and
    what they send besides."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str], list[tuple[str, str]]]] = []
        self._inside, self._select = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {key: value or "" for key, value in attrs}
        if (
            tag == "option" and self._select and self._inside
        ):  # the first one, unless another is selected
            self.found[-1][2].append((self._select, facts.get("value", "")))
            self._select = ""
        field = facts.get("name", "")
        if tag == "form":
            self._inside = facts.get("method") == "post" and "multipart" not in facts.get(
                "enctype", ""
            )
            if self._inside:
                self.found.append((facts.get("action", ""), [], []))
        elif not self._inside or not field:
            return
        elif tag == "textarea" or (
            tag == "input" and facts.get("type", "") in TYPED and "readonly" not in facts
        ):
            if facts.get("autocomplete") != GOOD_ONCE:
                self.found[-1][1].append(field)
        elif tag == "select":
            self._select = field
        elif (tag == "input" and facts.get("type") == "hidden") or (
            tag == "button" and "data-confirm" not in facts and field not in dict(self.found[-1][2])
        ):
            self.found[-1][2].append((field, facts.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def pages(owner: Client, filled: dict[str, str]) -> Iterator[str]:  # noqa: F811
    """The address of every page, and of what is changed only where somebody made it: a flow and
    an assessment of one's own."""
    yield from (
        address(view, filled)
        for view in GETS
        if view.path not in PUBLIC and view.path != "/files/{file}"
    )
    flow = owner.post("/idea-flows/1/copy", {"idea_flow_name": "Ours"}).data["idea_flow_id"]
    version = owner.post("/assessments", {"version_name": "Ours", "copy_of": 1}).data["version_id"]
    kind = owner.post("/document-types", {"file_type_name": "Concept"}).data["file_type_id"]
    yield from (
        f"/admin/setup/flows/{flow}",
        f"/admin/setup/assessments/{version}",
        f"/admin/setup/documents/{kind}",
    )


@pytest.mark.parametrize("hub", ["sqlite"], indirect=True)  # forms ask none
def test_what_was_typed_is_still_there_when_a_form_is_refused(
    hub: TestHub,
    owner: Client,
    filled: dict[str, str],  # noqa: F811
) -> None:
    lost: list[str] = []
    refusals = 0
    for where in pages(owner, filled):
        page = Visitor(hub, owner.user_id).get(where)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        for at, typed, more in Forms(page.html).found:
            if not typed or at.startswith(KEPT_ELSEWHERE) or at in NOT_FORMS:
                continue
            for far in (0, 6000):
                words = [f"typed-{n}-" + "x" * far for n in range(len(typed))]
                shown = Visitor(hub, owner.user_id).post(
                    at or where, [*more, *zip(typed, words, strict=True)]
                )
                if shown.status < 400:
                    continue
                refusals += 1
                if gone := [
                    field
                    for field, word in zip(typed, words, strict=True)
                    if word not in shown.html
                ]:
                    lost.append(f"{where} → {at} {more[:3]}: {shown.status} {gone}")
    assert not lost, "\n".join(dict.fromkeys(lost))
    assert refusals > 20


def record_of(what: str, owner: Client) -> tuple[str, str, str]:
    """The page of a record that several people may have open, a field on it, and what the field
    is called."""
    if what == "role":
        made = owner.post("/roles", {"role_name": "Checker", "permissions": ["Audit logs"]}).data
        return f"/admin/access/roles/{made['role_id']}", "role_description", "What it is for"
    if what == "group":
        made = owner.post(
            "/groups", {"group_name": "Treasury", "group_roles": [], "members": []}
        ).data
        return f"/admin/access/groups/{made['group_id']}", "group_description", "What it is for"
    if what == "collaborator role":
        return "/admin/access/collaborator-roles/4", "role_description", "What it is for"
    if what == "component":
        made = owner.post("/components", {"component_name": "Reader", "category_id": 3}).data
        return f"/components/{made['component_id']}", "component_version", "Version"
    if what == "application":
        app = {
            "application_id": None,
            "application_name": "SAP",
            "application_version": "",
            "application_language": "",
            "categoryIds": [3],
        }
        return (
            "/admin/setup/applications/"
            f"{owner.put('/appinventory', [app]).data['application_ids'][0]}",
            "application_version",
            "Version",
        )
    if what == "type of documents":
        made = owner.post("/document-types", {"file_type_name": "Concept"}).data
        return f"/admin/setup/documents/{made['file_type_id']}", "template_link", "Template"
    made = owner.post("/assessments", {"version_name": "Ours", "copy_of": 1}).data
    return (
        f"/admin/setup/assessments/{made['version_id']}",
        "OVR-OVERVIEW_NAME--help",
        "“Name”, Help:",
    )


RECORDS = (
    "role",
    "group",
    "collaborator role",
    "component",
    "application",
    "type of documents",
    "assessment",
)


@pytest.mark.parametrize("what", RECORDS)
def test_the_second_of_two_people_at_one_record_is_told_what_is_saved_now_and_loses_nothing(
    hub: TestHub, owner: Client, what: str
) -> None:
    at, field, label = record_of(what, owner)
    first, second = Visitor(hub, owner.user_id), visitor(hub, (2, 0))
    forms = [form for form in Forms(first.get(at).html).found if form[0] == at and field in form[1]]
    page, name = first.get(at), forms[0][1]
    ticked = re.findall(
        r'name="(permission|category_id)" value="([^"]+)"[^>]*(?:checked|>)', page.html
    )[:1]
    chosen = re.findall(r'<select[^>]*name="(category_id)".*?value="(\d+)" selected', page.html)
    fields = [(each, page_value(page, each)) for each in name] + ticked * (what == "role") + chosen
    said = {"template_link": "https://wiki.example.com/%s"}.get(field, "%s said this.")
    mine, theirs = (said % who for who in ("second", "first"))
    if field.endswith("version"):
        mine, theirs = "2.0", "1.1"
    stamps = [("stamp", reader.get(at).value("stamp")) for reader in (first, second)]
    assert first.post(at, [*fields, (field, theirs), stamps[0]]).status == 303
    told = second.post(at, [*fields, (field, mine), stamps[1]])
    assert told.status == 409 and f"{label} is now: {theirs}" in told.text and mine in told.html, (
        told
    )
    assert second.post(at, [*fields, (field, mine), ("stamp", told.value("stamp"))]).status == 303
    assert mine in second.get(at).html and theirs not in second.get(at).html


def page_value(page: Shown, name: str) -> str:
    """What stands in a field or a text area."""
    if area := re.search(
        rf'<textarea[^>]*name="{re.escape(name)}"[^>]*>(.*?)</textarea>', page.html, re.DOTALL
    ):
        return unescape(area[1])
    return page.value(name)
