"""What is sent is bounded, and nobody waits while it is read."""

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import hand_in
from tests.support.pages import Visitor

from autohub.ideas import duplicates
from autohub.web import envelopes, form_bodies


def test_a_body_is_read_before_the_writers_turn_begins(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[int] = []
    reading = envelopes.parse

    def read_while_another_writes(*args: object, **more: object) -> object:
        turns.append(hub.database.write(lambda _: 1))
        return reading(*args, **more)

    number = hand_in(owner)
    monkeypatch.setattr(envelopes, "parse", read_while_another_writes)
    assert owner.post("/adduser", a_user()).status == 201
    assert owner.post("/adduser", a_user(), headers={"Idempotency-Key": "k"}).status == 201
    run = {"started_epoch": 1_780_272_000, "runs": 1, "minutes_saved": 5}
    assert owner.post(f"/automations/{number}/runs", [run]).status == 201
    assert len(turns) == 3


def test_who_may_not_call_hears_that_and_not_what_is_wrong_with_the_body(hub: TestHub) -> None:
    standard = hub.someone((8, 0))
    assert standard.post("/roles", raw=b"{").status == 403
    assert hub.anonymous().post("/adduser", raw=b"{").status == 401


def test_robot_runs_ask_for_the_right_before_the_body_and_take_an_ordinary_one(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/automations/{hand_in(owner)}/runs"
    large = b"[" + b" " * (hub.settings.body_limit_mb * 1024 * 1024) + b"]"
    assert owner.post(path, raw=large).status == 413
    role = owner.post("/roles", {"role_name": "Reader", "permissions": ["View an Idea"]}).data
    reader = hub.someone((role["role_id"], 0))
    monkeypatch.setattr(envelopes, "parse", lambda *_, **__: pytest.fail("it was read"))
    assert reader.post(path, [{}]).status == 403
    assert hub.someone((8, 0)).post(path, [{}]).status == 403


def test_the_texts_of_a_form_with_files_are_bounded_together_and_files_are_not(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_bodies, "FORM_LIMIT", 1024 * 1024)
    number, reader = hand_in(owner), Visitor(hub, owner.user_id)
    path, file = f"/automation-profile/{number}/documentation/add", b"x" * 2 * 1024 * 1024
    texts = {"document_title": "y" * 600_000, "document_description": "z" * 600_000}
    refused = reader.upload(path, "film.mp4", file, texts)
    assert refused.status == 413 and "larger than the 1 MB" in refused.text
    assert "yyyy" not in refused.html
    taken = reader.upload(path, "plan.zip", file, {"document_title": "Plan", "kind": "medium"})
    assert taken.status < 500


def test_a_long_name_costs_no_more_than_the_longest_that_an_idea_may_have(
    hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(owner, process_name="Sort the post by department")
    compared: list[int] = []
    pieces = duplicates._pieces
    monkeypatch.setattr(
        duplicates, "_pieces", lambda text: compared.append(len(text)) or pieces(text)
    )
    name = "Sort the post by department " + "x " * 200_000
    visitor = Visitor(hub, owner.user_id)
    assert visitor.post("/submit/1/look", {"OVR-OVERVIEW_NAME": name}).status == 200
    assert compared and max(compared) <= 600
