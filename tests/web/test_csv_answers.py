"""Lists as CSV for who asks for it."""

import csv
import io

import pytest
from tests.support.hub import Answer, Client, a_user
from tests.support.ideas import hand_in

CSV = {"Accept": "text/csv"}


def _rows(answer: Answer) -> list[dict[str, str]]:
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"))))


def test_users_come_as_a_table(owner: Client) -> None:
    owner.post("/adduser", a_user(user_email="ada@example.com", user_department='=1+1 "x";y'))
    answer = owner.get("/users?s=ada", headers=CSV)
    (row,) = [r for r in _rows(answer) if r["user_email"] == "ada@example.com"]
    assert row["user_department"] == '\'=1+1 "x";y'
    assert row["user_roles"] == '[{"role_id":8,"category_id":0}]'
    assert answer.headers["x-total-count"] == str(len(_rows(answer)))


def test_no_cell_becomes_two_where_semicolons_separate(owner: Client) -> None:
    owner.post("/adduser", a_user(user_email="eve@example.com", user_job_title="x;=HYPERLINK(1)"))
    raw = owner.get("/users?s=eve", headers=CSV).raw.decode()
    assert '"x;=HYPERLINK(1)"' in raw and "\n" in raw


def test_ideas_come_with_the_fields_that_are_asked_for(owner: Client) -> None:
    number = hand_in(owner, process_name="Prüfung, jährlich")
    rows = _rows(owner.get("/automations?fields=process_name,tags", headers=CSV))
    assert rows == [{"process_id": str(number), "process_name": "Prüfung, jährlich", "tags": "[]"}]
    assert "ovr-purpose" in _rows(owner.get("/automations", headers=CSV))[0]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("application/json, text/csv", "application/json"),
        ("text/csv;q=0.9, application/json", "text/csv; charset=utf-8"),
    ],
)
def test_json_is_what_everybody_else_gets(owner: Client, accept: str, media: str) -> None:
    answer = owner.get("/users", headers={"Accept": accept})
    assert answer.headers["content-type"] == media


def test_a_table_that_is_too_long_is_asked_for_in_pages(owner: Client) -> None:
    refused = owner.get("/automations?limit=30000", headers=CSV)
    assert refused.status == 400 and "in pages" in refused.message
    assert owner.get("/automations?limit=30000").status == 200


def test_single_records_and_refusals_stay_json(owner: Client) -> None:
    assert owner.get("/authinfo", headers=CSV).headers["content-type"] == "application/json"
    assert owner.get("/users?limit=0", headers=CSV).status == 400
