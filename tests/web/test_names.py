"""Names as clients write them: any case, slugs for numbers, and what is not known is said."""

import re
from typing import Any

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in, idea


def test_parameters_are_known_in_any_case(hub: TestHub, owner: Client) -> None:
    hand_in(owner)
    none = owner.get("/automations?CreatedEnd=1")
    assert none.data["totalItems"] == 0 and "x-autohub-warnings" not in none.headers
    assert owner.get("/automations?createdend=1&LIMIT=5").data["pageSize"] == 5


def test_an_unknown_parameter_is_passed_over_and_named_with_the_one_that_is_meant(
    owner: Client,
) -> None:
    answer = owner.get("/users?inviteStaus=active&perpage=3")
    assert answer.status == 200 and answer.data["totalItems"] == 1
    assert "warnings" not in answer.json
    told = answer.headers["x-autohub-warnings"]
    assert 'There is no parameter "inviteStaus"; it counts for nothing. Is inviteStatus' in told
    assert '"perpage"' in told


def test_fields_are_known_in_any_case_and_unknown_ones_are_named(owner: Client) -> None:
    made = owner.post("/adduser", a_user(User_Department="Treasury")).data
    assert made["user_department"] == "Treasury"
    edit = {"user_email": made["user_email"], "user_departement": "Tax"}
    answer = owner.post("/edituser", edit)
    assert answer.status == 201 and answer.data["user_department"] == "Treasury"
    (told,) = answer.json["warnings"]
    assert "“user_departement”" in told and "Is user_department meant?" in told
    inside = a_user(user_roles=[{"role_id": 8, "category_id": 0, "categry": 1}])
    assert "“categry”" in owner.post("/adduser", inside).json["warnings"][0]


def test_an_exact_name_wins_over_one_in_another_case(owner: Client) -> None:
    body = a_user(user_department="Tax") | {"USER_DEPARTMENT": "Treasury"}
    answer = owner.post("/adduser", body)
    assert answer.data["user_department"] == "Tax"
    assert "“USER_DEPARTMENT”" in answer.json["warnings"][0]


@pytest.mark.parametrize("form", ["{id}", "{slug}", "an-older-name-{id}"])
def test_an_idea_is_named_by_its_number_or_any_slug_wherever_a_call_names_one(
    owner: Client, form: str
) -> None:
    number, other = hand_in(owner), hand_in(owner)
    name = form.format(id=number, slug=idea(owner, number)["process_slug"])
    assert owner.get(f"/automations/{name}").data["process_id"] == number
    assert owner.get(f"/cba?id={name}").status == 200
    assert owner.get(f"/automations/collaborators?collaborators={name}").status == 200
    assert owner.get(f"/automations?changeOf={name}").status == 200
    moved = owner.post("/automations/status", {"process_id": name, "phase_status_id": 53})
    assert moved.status == 201 and idea(owner, number)["phase_status_id"] == 53
    duplicate = {"process_id": other, "phase_status_id": 49, "duplicate_of": name}
    assert owner.post("/automations/status", duplicate).status == 201


def test_what_is_neither_number_nor_slug_is_said_in_words(owner: Client) -> None:
    assert owner.get("/automations/employee-onboarding").message == (
        "There is no idea “employee-onboarding”."
    )
    refused = owner.post("/automations/status", {"process_id": "x", "phase_status_id": 53})
    assert refused.status == 400 and "process_id" in refused.details


def test_what_real_clients_send_by_chance_is_taken(owner: Client) -> None:
    body = b"\xef\xbb\xbf" + b'{"user_email": "bom@example.com", "user_first_name": "B", '
    rest = b'"user_last_name": "M", "user_roles": [{"role_id": 5, "category_id": 3}, '
    blank = b'{"role_id": "", "category_id": ""}]}'
    made = owner.post("/adduser", raw=body + rest + blank)
    assert made.data["user_roles"] == [{"role_id": 5, "category_id": 3}]
    spaced = owner.headers["Authorization"].replace("/", "/ ")
    assert owner.get("/authinfo", headers={"Authorization": spaced}).status == 200
    file = {
        "file_name": "a.png",
        "mimetype": "image/png",
        "file_content": "aGVsbG8=",
        "file_encoding": "base64",
    }
    number = hand_in(owner)
    for shape in ({"file": file}, file):
        assert owner.post(f"/automations/{number}/media", shape).status == 201
    refused = owner.post(f"/automations/{number}/media", file | {"file_name": ""})
    assert refused.status == 400 and refused.message == "Invalid file."


def test_answers_say_how_many_calls_are_left(owner: Client) -> None:
    first, second = (owner.get("/authinfo").headers for _ in range(2))
    left = [int(headers["ratelimit-remaining"]) for headers in (first, second)]
    assert 0 < left[1] <= left[0] < int(first["ratelimit-limit"])
    assert 0 < int(first["ratelimit-reset"]) <= 60


def test_no_description_cites_our_chapters(owner: Client) -> None:
    def texts(value: Any) -> Any:
        if isinstance(value, dict):
            for key, part in value.items():
                if key in ("description", "summary") and isinstance(part, str):
                    yield part
                yield from texts(part)
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)

    document = owner.hub.request("GET", "/api/v1/api-doc/openapi.json", None, {}).json
    cited = [text for text in texts(document) if re.search(r"\b(contract|product) \d", text)]
    assert cited == []


@pytest.mark.parametrize("row", ["0", "-29315"])
@pytest.mark.parametrize("path", ["/categories/import", "/appinventory/import", "/users/bulk"])
def test_a_row_that_no_table_has_is_refused(owner: Client, path: str, row: str) -> None:
    refused = owner.post(
        f"{path}?headerRow={row}", raw=b"A,B\n1,2\n", headers={"Content-Type": "text/csv"}
    )
    assert refused.status == 400 and "at least 1" in refused.details["headerRow"][0]
