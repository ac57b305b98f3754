"""Import pipeline in the browser: suggestions that are only confirmed, and mappings that are found
again."""

import re
from pathlib import Path

import pytest
from tests.support.hub import Client, TestHub
from tests.support.pages import Shown, Visitor

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
    done = admin.post(f"{AT}/run", confirmed)
    assert "Added 2,133" in done.text and "Not right 0" in done.text, done.text[:2000]
    again = admin.post(f"{AT}/run", confirmed)
    assert "As they are 2,133" in again.text, again.text[:600]
