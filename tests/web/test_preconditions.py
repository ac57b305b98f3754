"""Entity tags: 304 for what is unchanged, 412 for a change of what is not what the caller saw."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support.hub import Answer, Client, TestHub, a_user
from tests.support.ideas import hand_in, idea, move

from autohub.server.routes import ROUTES
from autohub.web.preconditions import find_readers

WRITERS = 50


def _rename(client: Client, number: int, name: str, etag: str) -> Answer:
    answers = {"OVR": {"section": {"OVR-OVERVIEW_NAME": {"value": name}}}}
    return client.call(
        "PATCH",
        f"/automations/{number}",
        {"user_inputs": answers},
        headers={"If-Match": etag},
    )


def test_of_many_writers_who_saw_the_same_one_wins(owner: Client) -> None:
    number = hand_in(owner)
    etag = owner.get(f"/automations/{number}").headers["etag"]
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda n: _rename(owner, number, f"Name {n}", etag), range(WRITERS))
        )
    won = [n for n, answer in enumerate(answers) if answer.status == 200]
    assert sorted(answer.status for answer in answers) == [200] + [412] * (WRITERS - 1)
    assert idea(owner, number)["process_name"] == f"Name {won[0]}"
    present = owner.get(f"/automations/{number}").headers["etag"]
    assert {answer.headers["etag"] for answer in answers if answer.status == 412} == {present}


def test_every_change_of_an_idea_heeds_the_tag_of_its_record(owner: Client) -> None:
    number = hand_in(owner)
    seen = owner.get(f"/automations/{number}").headers["etag"]
    assert _rename(owner, number, "Another", seen).status == 200
    changes: list[tuple[str, str, Any]] = [
        ("PATCH", f"/automations/{number}", {"user_inputs": {}}),
        ("POST", f"/automations/{number}/tags", {"tags": ["x"]}),
        ("PUT", f"/automation/{number}/categories", {"category_id": 4}),
        ("POST", "/automations/status", {"process_id": number, "phase_status_id": 48}),
        ("DELETE", f"/automations/{number}", None),
    ]
    for method, path, body in changes:
        refused = owner.call(method, path, body, headers={"If-Match": seen})
        assert refused.status == 412, (method, path)
        assert "changed since you read it" in refused.message
    assert idea(owner, number)["phase_status_id"] == 46
    for method, path, body in changes:  # clients that send none are never asked for one
        assert owner.call(method, path, body).status in (200, 201), (method, path)


@pytest.mark.parametrize("header", ["*", '"other", {etag}', "W/{etag}"])
def test_a_list_of_tags_and_a_star_are_read(owner: Client, header: str) -> None:
    number = hand_in(owner)
    etag = owner.get(f"/automations/{number}").headers["etag"]
    assert _rename(owner, number, "Another", header.format(etag=etag)).status == 200


def test_an_account_is_changed_as_it_was_seen(owner: Client) -> None:
    user = owner.post("/adduser", a_user()).data["user_id"]
    etag = owner.get(f"/users/{user}").headers["etag"]
    for expected in (200, 412):
        answer = owner.call(
            "PATCH", f"/users/{user}", {"user_location": "Ghent"}, headers={"If-Match": etag}
        )
        assert answer.status == expected


def test_an_unchanged_record_or_list_is_304(hub: TestHub, owner: Client) -> None:
    number = hand_in(owner)
    for path in (f"/automations/{number}", "/users", "/hierarchy", f"/automations/{number}/cba"):
        first = owner.get(path)
        again = owner.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status, again.raw) == (304, b""), path
    etag = owner.get(f"/automations/{number}").headers["etag"]
    move(owner, number, 48)
    changed = owner.get(f"/automations/{number}", headers={"If-None-Match": etag})
    assert changed.status == 200 and changed.headers["etag"] != etag


def test_a_record_that_is_gone_is_404_and_a_refused_caller_403(hub: TestHub, owner: Client) -> None:
    assert _rename(owner, 999, "x", '"a"').status == 404
    number = hand_in(owner)
    etag = owner.get(f"/automations/{number}").headers["etag"]
    assert _rename(hub.someone((6, 0)), number, "x", etag).status in (403, 412)


def test_every_change_of_one_record_has_a_reader() -> None:
    without = {
        route.name
        for route in ROUTES
        if route.method != "GET" and route.transaction == "write" and "{" in route.path
    } - set(find_readers(ROUTES))
    assert without == set()


def test_of_many_who_edit_the_account_that_they_saw_one_wins(owner: Client) -> None:
    made = owner.post("/adduser", a_user()).data
    etag = owner.get(f"/users/{made['user_id']}").headers["etag"]

    def edit(number: int) -> Answer:
        body = {"user_email": made["user_email"], "user_location": f"City {number}"}
        return owner.post("/edituser", body, headers={"If-Match": etag})

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(edit, range(WRITERS)))
    won = [n for n, answer in enumerate(answers) if answer.status == 201]
    assert sorted(answer.status for answer in answers) == [201] + [412] * (WRITERS - 1)
    assert owner.user(made["user_email"])["user_location"] == f"City {won[0]}"


def test_an_account_is_guarded_under_its_former_address_too(owner: Client) -> None:
    made = owner.post("/adduser", a_user(user_email="old@example.com")).data
    path = f"/users/{made['user_id']}"
    assert owner.put(f"{path}/email", {"user_email": "new@example.com"}).status == 200
    seen = owner.get(path).headers["etag"]
    for expected in (201, 412):
        body = {"user_email": "OLD@example.com", "user_location": "Ghent"}
        assert owner.post("/edituser", body, headers={"If-Match": seen}).status == expected
    unknown = {"user_email": "nobody@example.com"}
    assert owner.post("/edituser", unknown, headers={"If-Match": seen}).status == 404


def test_what_is_read_in_lists_alone_is_guarded_by_its_list(owner: Client) -> None:
    role = {"role_name": "Auditor", "permissions": ["Audit logs"]}
    number = owner.post("/roles", role).data["role_id"]
    seen = owner.get("/roles").headers["etag"]
    for expected in (200, 412):
        body = {"role_description": "Reads."}
        answer = owner.patch(f"/roles/{number}", body, headers={"If-Match": seen})
        assert answer.status == expected
    assert owner.delete(f"/roles/{number}", headers={"If-Match": seen}).status == 412


def test_a_call_that_changes_no_single_record_says_that_nothing_is_guarded(owner: Client) -> None:
    for path, body in (("/adduser", a_user()), ("/users/bulk", [a_user()])):
        answer = owner.post(path, body, headers={"If-Match": '"a"'})
        assert answer.status in (200, 201)
        assert "If-Match counts for nothing here" in answer.json["warnings"][0]
