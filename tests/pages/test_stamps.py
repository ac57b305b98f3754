"""Many people save one form that all of them opened before: one of them wins, the others are
told."""

import threading
from pathlib import Path

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in
from tests.support.pages import Visitor, form_of

SAVERS = 12
SOURCE = Path(__file__).parent.parent.parent / "src" / "autohub"


def idea(hub: TestHub, owner: Client) -> tuple[str, str, str]:
    path = f"/automation-profile/{hand_in(owner)}/edit"
    return path, path, "OVR-OVERVIEW_DESCRIPTION"


def benefits(hub: TestHub, owner: Client) -> tuple[str, str, str]:
    path = f"/automation-profile/{hand_in(owner)}/cost-benefit/edit"
    return path, path, "benefit_hours_final"


def user(hub: TestHub, owner: Client) -> tuple[str, str, str]:
    path = f"/admin/access/users/{hub.person((8, 0))}"
    return path, path, "user_job_title"


def role(hub: TestHub, owner: Client) -> tuple[str, str, str]:
    made = owner.post("/roles", {"role_name": "R", "permissions": ["View an Idea"]}).data
    path = f"/admin/access/roles/{made['role_id']}"
    return path, path, "role_description"


def group(hub: TestHub, owner: Client) -> tuple[str, str, str]:
    path = f"/admin/access/groups/{owner.post('/groups', {'group_name': 'G'}).data['group_id']}"
    return path, path, "group_description"


FORMS = {
    "pages/idea/pages.py": idea,
    "pages/idea/money.py": benefits,
    "pages/admin/user_panel.py": user,
    "pages/admin/access.py": role,
    "pages/admin/access.py 2": group,
}
ALONE = {
    "pages/idea/assess.py",
    "pages/home/components.py",
    "pages/admin/drafting.py",
    "pages/admin/documents.py",
    "pages/admin/apps.py",
}
"""Those whose forms take more to fill in; they call the same function, which cannot be called
without its lock."""


@pytest.mark.parametrize("form", FORMS)
def test_of_many_who_save_one_form_at_once_one_wins(hub: TestHub, owner: Client, form: str) -> None:
    at, to, field = FORMS[form](hub, owner)
    reader = Visitor(hub, owner.user_id)
    opened = form_of(reader, at)
    assert opened.get("stamp"), at
    statuses: list[int] = []

    def save(number: int) -> None:
        mine = opened | {
            field: str(100 + number),
            "role_id": "8",
            "category_id": "0",
        }
        if "role_name" in opened:
            mine |= {"permission": "View an Idea"}
        statuses.append(Visitor(hub, owner.user_id).post(to, mine).status)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(SAVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303] + [409] * (SAVERS - 1)


def test_every_form_with_a_mark_is_covered_and_checks_it_under_the_lock() -> None:
    callers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "check_stamp(" in path.read_text()
    } - {
        "web/page_requests.py",
        "pages/idea/changes.py",
    }
    assert callers == {name.split()[0] for name in FORMS} | ALONE
    locking = (SOURCE / "web/page_requests.py").read_text().partition("def check_stamp(")[2]
    assert locking.index("lock_row") < locking.index("load()")
