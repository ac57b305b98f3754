"""The search over everything: what comes first, and what it knows."""

import re

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, visitor


def found(reader: Visitor, text: str) -> list[str]:
    """The names of ideas, in the order in which they are found."""
    html = reader.get(f"/search?s={text}").html.partition('id="results"')[2]
    links = re.findall(r'href="/automation-profile/[^"]*"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [
        re.sub(r"<span class=.under.*|<[^>]+>", "", link, flags=re.DOTALL).strip() for link in links
    ]


def test_names_come_before_descriptions_and_beginnings_before_the_rest(
    hub: TestHub, owner: Client
) -> None:
    hand_in(owner, process_name="Reset a password")
    hand_in(owner, process_name="Passports are checked")
    last = hand_in(owner, process_name="Sort letters")
    for at in range(9):
        hand_in(owner, process_name=f"Other {at}", process_description="They compass a lot.")
    reader = Visitor(hub, owner.user_id)
    assert found(reader, "pass")[:2] == ["Passports are checked", "Reset a password"]
    assert "<mark>Pass</mark>ports are checked" in reader.get("/search?s=pass").html
    for text in (f"{last}", f"No.+{last}", f"sort-letters-{last}"):
        assert found(reader, text)[0] == "Sort letters", text
    assert found(reader, "100%25_") == []
    assert 'value="pass"' in reader.get("/search?s=pass").html


def test_components_and_roles_are_found_by_those_who_see_them(hub: TestHub, owner: Client) -> None:
    made = owner.post("/components", {"component_name": "Reader of cheques", "category_id": 3})
    reader = Visitor(hub, owner.user_id)
    for status in ("Submitted", "Published"):
        at = f"/components/{made.data['component_id']}/move"
        assert reader.post(at, {"to": status}).status == 303
    assert "Reader of cheques" in reader.get("/search?s=cheques").text
    assert "Idea Approver" in reader.get("/search?s=approver").text
    assert "Idea Approver" not in visitor(hub, (8, 0)).get("/search?s=approver").text
