"""Import pipeline in the browser: suggestions that are only confirmed, and mappings that are found
again."""

import re
from pathlib import Path

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import listed
from tests.support.pages import Shown, Visitor

from autohub.imports import runs, service
from autohub.imports.model import ImportReport

AT = "/admin/setup/import"
INVENTORY = Path(__file__).parents[3] / "shared" / "data" / "federal-ai-use-cases-2024.csv"


@pytest.fixture
def admin(hub: TestHub, owner: Client) -> Visitor:
    return Visitor(hub, owner.user_id)


def form_of(page: Shown) -> list[tuple[str, str]]:
    """The form as it would be sent if nobody touched it."""
    form = page.html[page.html.index('action="/admin/setup/import/try"') :]
    form = form[: form.index("</form>")]
    pairs = []
    for name, rest in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)"[^>]*\sselected', rest)
        pairs.append((name, chosen[1] if chosen else ""))
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_off = 'type="checkbox"' in tag and " checked" not in tag
        if name and not is_off:
            pairs.append((name[1], value[1] if value else ""))
    return pairs


def test_columns_of_the_same_names_are_read_as_they_were_last_time(
    owner: Client, admin: Visitor
) -> None:
    table = b"Thing;What;Where\nSort the post;By hand;Finance\n"
    first = admin.upload(AT, "a.csv", table)
    assert "they are read as they were then" not in first.text
    chosen = {
        "key": first.value("key"),
        "name": "a.csv",
        "column-0": "process_name",
        "column-1": "process_description",
        "column-2": "category",
        "taken_names": "number",
    }
    assert "Would be added 1" in admin.post(f"{AT}/try", chosen).text
    assert "they are read as they were then" not in admin.upload(AT, "a.csv", table).text
    assert "Added 1" in admin.post(f"{AT}/run", chosen).text
    later = b"What;where;Thing\nBy fax;Finance;Send letters\n"
    again = admin.upload(AT, "b.csv", later)
    assert "they are read as they were then" not in again.text  # a heading is written otherwise
    again = admin.upload(AT, "b.csv", later.replace(b"where", b"Where"))
    assert "they are read as they were then" in again.text
    assert "Would be added 1" in admin.post(f"{AT}/try", form_of(again)).text


@pytest.mark.skipif(not INVENTORY.exists(), reason="the inventory is not here")
def test_the_inventory_comes_in_whole_by_suggestions_that_are_only_confirmed(
    sqlite_hub: TestHub,
) -> None:
    owner = sqlite_hub.someone((1, 0))
    admin = Visitor(sqlite_hub, owner.user_id)
    page = admin.upload(AT, "inventory.csv", INVENTORY.read_bytes())
    assert "2,133 rows" in page.text and "The file is not UTF-8" in page.text
    confirmed = [pair for pair in form_of(page) if pair[0] not in ("long_names", "taken_names")]
    confirmed += [
        ("create_categories", "1"),
        ("shorten_categories", "1"),
        ("long_names", "shorten"),
        ("taken_names", "number"),
        ("default-field", "process_description"),
        ("default-value", "Not described."),
    ]
    tried = admin.post(f"{AT}/try", confirmed)
    statuses = dict.fromkeys(re.findall(r'name="status-text" value="([^"]*)"', tried.html))
    confirmed += [
        pair
        for text in statuses
        for pair in (("status-text", text), ("status-key", "IDEA_AWAITING_REVIEW"))
    ]
    confirmed += [("default-field", "status"), ("default-value", "IDEA_AWAITING_REVIEW")]
    for told in ("Added 2,133", "As they are 2,133"):
        started = admin.post(f"{AT}/run", confirmed)
        sqlite_hub.worker.round()
        done = admin.get(started.location).text
        assert told in done and "Not right 0" in done, done[:2000]


class TestLongImports:
    @pytest.fixture(autouse=True)
    def _short_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service, "CHUNK", 2)

    def start(self, admin: Visitor) -> str:
        lines = [f"Idea {n},d,Finance" for n in range(5)]
        table = "\n".join(["Name,Description,Category", *lines, ""])
        page = admin.upload(AT, "long.csv", table.encode())
        started = admin.post(f"{AT}/run", form_of(page))
        assert started.status == 303
        return started.location

    def test_the_worker_runs_them_and_the_page_says_how_far_it_is(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        at = self.start(admin)
        assert "0 of 5 rows" in admin.get(at).text
        hub.worker.round()
        assert "Added 5" in admin.get(at).text and len(listed(owner)) == 5
        assert "long.csv 5 rows" in admin.get(AT).text
        assert Visitor(hub, hub.someone((2, 0)).user_id).get(at).status == 404

    def test_one_that_was_stopped_keeps_its_parts_and_goes_on_when_the_file_comes_again(
        self, hub: TestHub, owner: Client, admin: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        at, shorten, parts = self.start(admin), runs._shorten, iter([0])

        def stop_after_the_first_part(report: ImportReport) -> ImportReport:
            if next(parts, None) is not None:
                self.stop(admin, at)
            return shorten(report)

        monkeypatch.setattr(runs, "_shorten", stop_after_the_first_part)
        hub.worker.round()
        shown = admin.get(at).text
        assert "You stopped it" in shown and "Added 2" in shown and len(listed(owner)) == 2
        assert admin.post(f"{at}/stop", {}).status == 409
        again = self.start(admin)
        hub.worker.round()
        shown = admin.get(again).text
        assert "Added 3" in shown and "As they are 2" in shown, shown

    def stop(self, admin: Visitor, at: str) -> None:
        assert admin.post(f"{at}/stop", {}).status == 303

    def test_one_that_waits_is_stopped_at_once(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        at = self.start(admin)
        self.stop(admin, at)
        hub.worker.round()
        assert "You stopped it" in admin.get(at).text and listed(owner) == []

    def test_whoever_lost_the_right_imports_nothing(
        self, hub: TestHub, owner: Client, admin: Visitor
    ) -> None:
        helper = hub.someone((2, 0), email="helper@example.com")
        at = self.start(Visitor(hub, helper.user_id))
        owner.post("/edituser", {"user_email": "helper@example.com", "user_is_active": 0})
        hub.worker.round()
        assert listed(owner) == [] and at
