"""What was typed into a form that is refused is still in it: over every form of every page, as the pages themselves offer them."""

from collections.abc import Iterator
from html.parser import HTMLParser

from tests.pages.test_every_page import GETS, PUBLIC, address, filled  # noqa: F401  the fixture is used by its name
from tests.support.hub import Client, TestHub
from tests.support.pages import Visitor

TYPED = ("text", "email", "number", "date", "tel", "url", "")
KEPT_ELSEWHERE = ("/submit/",)
"""Forms that are kept as a draft while they are typed."""
NOT_FORMS = ("/sign-out", "/account/theme")


class Forms(HTMLParser):
    """The forms of a page that change something: where they go, what a person types there, and what they send besides."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[str], list[tuple[str, str]]]] = []
        self._inside, self._select = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {key: value or "" for key, value in attrs}
        if tag == "option" and self._select and self._inside:  # the first one, unless another is selected
            self.found[-1][2].append((self._select, facts.get("value", "")))
            self._select = ""
        field = facts.get("name", "")
        if tag == "form":
            self._inside = facts.get("method") == "post" and "multipart" not in facts.get("enctype", "")
            if self._inside:
                self.found.append((facts.get("action", ""), [], []))
        elif not self._inside or not field:
            return
        elif tag == "textarea" or (tag == "input" and facts.get("type", "") in TYPED and "readonly" not in facts):
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
    """The address of every page, and of what is changed only where somebody made it: a flow and an assessment of one's own."""
    yield from (address(view, filled) for view in GETS if view.path not in PUBLIC and view.path != "/files/{file}")
    flow = owner.post("/idea-flows/1/copy", {"idea_flow_name": "Ours"}).data["idea_flow_id"]
    version = owner.post("/assessments", {"version_name": "Ours", "copy_of": 1}).data["version_id"]
    kind = owner.post("/document-types", {"file_type_name": "Concept"}).data["file_type_id"]
    yield from (f"/admin/setup/flows/{flow}", f"/admin/setup/assessments/{version}", f"/admin/setup/documents/{kind}")


def test_what_was_typed_is_still_there_when_a_form_is_refused(hub: TestHub, owner: Client, filled: dict[str, str]) -> None:  # noqa: F811
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
                shown = Visitor(hub, owner.user_id).post(at or where, [*more, *zip(typed, words, strict=True)])
                if shown.status < 400:
                    continue
                refusals += 1
                if gone := [field for field, word in zip(typed, words, strict=True) if word not in shown.html]:
                    lost.append(f"{where} → {at} {more[:3]}: {shown.status} {gone}")
    assert not lost, "\n".join(dict.fromkeys(lost))
    assert refusals > 20
