"""Names in records are today's, wherever they stand."""

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea

from autohub.record_names.model import fill, mark, parts


def test_a_rename_of_anything_shows_at_once(hub: TestHub, owner: Client) -> None:
    hub.person((8, 0), email="ann@example.com")
    app = owner.put(
        "/appinventory",
        [{"application_id": None, "application_name": "SAP", "categoryIds": [1]}],
    ).data["application_ids"][0]
    number = hand_in(owner, submitter="ann@example.com", applications=[app])
    owner.post(
        "/edituser",
        {"user_email": "ann@example.com", "user_last_name": "Neu", "user_business_unit": "BU"},
    )
    tree = owner.get("/hierarchy").data
    tree["categories"][0]["category_name"] = 'Money "and" more'
    owner.put("/categories", tree)
    owner.put(
        "/appinventory",
        [{"application_id": app, "application_name": "S/4", "categoryIds": [1]}],
    )
    record = idea(owner, number)
    assert (
        record["process_submitter"]["user_last_name"] == "Neu"
        and record["user_business_unit"] == "BU"
    )
    assert record["categories"][0]["category_name"] == 'Money "and" more'
    assert (
        record["applications"][0]["application_name"] == "S/4"
        and record["ovr-applications__display"] == "S/4"
    )
    assert record["ovr-overview_process_submitter__display"] == "Ada Neu"


def test_an_erased_person_leaves_no_name_behind(hub: TestHub, owner: Client) -> None:
    person = hub.person((8, 0), email="ann@example.com")
    number = hand_in(owner, submitter="ann@example.com", owner="ann@example.com")
    owner.delete(f"/users/{person}")
    owner.post(f"/users/{person}/erase")
    answer = owner.get(f"/automations/{number}")
    assert (
        b"ann@example.com" not in answer.raw
        and answer.data["process_submitter"]["user_email"] is None
    )
    assert answer.data["collaborators"][0]["user_email"] is None


def test_a_mark_stands_wherever_json_has_a_value_and_one_without_a_name_changes_nothing() -> None:
    stored = b'{"owner":' + mark("p", 7) + b',"text":"by ' + mark("A", 12) + b'"}'
    cut = parts(stored)
    with pytest.raises(KeyError):
        fill(cut, {b"p7": b"null"})
    assert cut == parts(stored)
    fill(cut, {b"p7": b'{"user_id":7}', b"A12": b"SAP"})
    assert b"".join(cut) == b'{"owner":{"user_id":7},"text":"by SAP"}'
