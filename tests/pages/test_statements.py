"""How many statements a page and a call run: few, and no more when there is more to show."""

from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor

TABS = (
    "",
    "/assessments",
    "/cost-benefit",
    "/documentation",
    "/components",
    "/collaborators",
    "/change-requests",
    "/history",
    "/questions",
)


def test_an_idea_is_loaded_once_whatever_its_tab_shows(
    hub: TestHub, owner: Client, statements: list[str]
) -> None:
    reader, number = Visitor(hub, owner.user_id), hand_in(owner)
    for tab in TABS:
        statements.clear()
        assert reader.get(f"/automation-profile/{number}{tab}").status == 200
        assert len(statements) <= 30, (tab, len(statements))
        whole = [sql for sql in statements if "SELECT idea.process_id, idea.process_uuid" in sql]
        assert len(whole) == 1, tab


def test_lists_and_records_take_few_statements_and_no_more_for_more_rows(
    hub: TestHub, owner: Client, statements: list[str]
) -> None:
    reader = Visitor(hub, owner.user_id)
    hand_in(owner, process_name="First")
    counts: dict[str, list[int]] = {}
    for number in range(3):
        for path, get in (("/pipeline", reader.get), ("/automations/1", owner.get)):
            get(path)
            statements.clear()
            assert get(path).status == 200
            counts.setdefault(path, []).append(len(statements))
        for more in range(4):
            hand_in(owner, process_name=f"Idea {number} {more}")
    assert max(counts["/pipeline"]) <= 12 and max(counts["/automations/1"]) <= 8, counts
    assert all(len(set(each)) == 1 for each in counts.values()), counts
