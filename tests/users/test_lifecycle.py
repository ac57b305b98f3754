"""E-mail change, deactivation, reassigning, trash and erasure (product 1, contract 1.2, 1.3, 6)."""

import msgspec
import pytest
import sqlalchemy as sa
from tests.support.hub import Client, TestHub, a_user

from autohub.access import sessions
from autohub.kit.clock import now as clock


def jwt_client(hub: TestHub, user_id: int) -> Client:
    made = hub.database.write(
        lambda db: sessions.open_session(
            db, user_id=user_id, door="cli", seconds=600, installation=hub.installation, now=clock()
        )
    )
    return Client(hub, {"Authorization": f"Bearer {made['access_token']}"})


class TestChangingTheEmail:
    def test_the_old_address_leads_imports_and_edits_to_the_account_and_nobody_else_may_take_it(
        self, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_email="old@example.com")).data
        changed = owner.put(f"/users/{user['user_id']}/email", {"user_email": "new@example.com"})
        assert (changed.status, changed.data["user_email"]) == (200, "new@example.com")
        assert (
            owner.post(
                "/edituser", {"user_email": "OLD@example.com", "user_location": "Rome"}
            ).data["user_id"]
            == user["user_id"]
        )
        assert (
            owner.post(
                "/users/bulk", [{"user_email": "old@example.com", "user_location": "Bari"}]
            ).data["updated"]
            == 1
        )
        assert owner.user("new@example.com")["user_location"] == "Bari"
        assert owner.post("/adduser", a_user(user_email="old@example.com")).status == 409
        assert owner.get(f"/users/{user['user_id']}").data["user_email_aliases"] == [
            "old@example.com"
        ]

    def test_an_alias_that_was_released_is_free(self, owner: Client) -> None:
        user = owner.post("/adduser", a_user(user_email="old@example.com")).data
        owner.put(f"/users/{user['user_id']}/email", {"user_email": "new@example.com"})
        assert (
            owner.delete(f"/users/{user['user_id']}/email?user_email=old@example.com").status == 200
        )
        assert (
            owner.delete(f"/users/{user['user_id']}/email?user_email=old@example.com").status == 404
        )
        assert owner.post("/adduser", a_user(user_email="old@example.com")).status == 201

    def test_an_address_in_use_is_refused_and_ones_own_former_one_is_not(
        self, owner: Client
    ) -> None:
        one, other = (
            owner.post("/adduser", a_user(user_email=e)).data["user_id"]
            for e in ("a@example.com", "b@example.com")
        )
        assert owner.put(f"/users/{one}/email", {"user_email": "B@example.com"}).status == 409
        owner.put(f"/users/{one}/email", {"user_email": "c@example.com"})
        assert owner.put(f"/users/{other}/email", {"user_email": "a@example.com"}).status == 409
        assert owner.put(f"/users/{one}/email", {"user_email": "a@example.com"}).status == 200
        assert owner.put(f"/users/{one}/email", {"user_email": "nonsense"}).status == 400

    def test_nobody_gets_hold_of_an_account_above_their_own_by_its_address(
        self, hub: TestHub, owner: Client
    ) -> None:
        admin = hub.someone((2, 0))
        assert (
            admin.put(f"/users/{owner.user_id}/email", {"user_email": "mine@example.com"}).status
            == 403
        )
        assert (
            hub.token(None)
            .put(f"/users/{admin.user_id}/email", {"user_email": "mine@example.com"})
            .status
            == 403
        )
        assert (
            owner.put(f"/users/{admin.user_id}/email", {"user_email": "theirs@example.com"}).status
            == 200
        )


class TestDeactivation:
    def test_it_ends_tokens_and_sessions_at_once_and_reactivation_revives_none(
        self, hub: TestHub, owner: Client
    ) -> None:
        person = hub.someone((8, 0), email="p@example.com")
        session = jwt_client(hub, person.user_id or 0)
        assert person.get("/authinfo").status == session.get("/authinfo").status == 200
        owner.post("/edituser", {"user_email": "p@example.com", "user_is_active": 0})
        assert person.get("/authinfo").status == session.get("/authinfo").status == 401
        assert (
            owner.post("/edituser", {"user_email": "p@example.com", "user_is_active": 1}).data[
                "user_invite_status"
            ]
            == 3
        )
        assert person.get("/authinfo").status == session.get("/authinfo").status == 401
        assert hub.token("p@example.com").get("/authinfo").status == 200

    def test_one_administrator_always_remains(self, hub: TestHub, owner: Client) -> None:
        me = {"user_email": "owner@example.com"}
        assert owner.post("/edituser", me | {"user_is_active": 0}).status == 409
        assert (
            owner.post("/edituser", me | {"user_roles": [{"role_id": 8, "category_id": 0}]}).status
            == 409
        )
        assert (
            owner.post("/edituser", me | {"user_roles": [{"role_id": 1, "category_id": 3}]}).status
            == 409
        )
        assert owner.delete(f"/users/{owner.user_id}").status == 409
        hub.person((2, 0), email="second@example.com")
        assert owner.delete(f"/users/{owner.user_id}").status == 200

    def test_an_administrator_by_group_counts_and_the_group_cannot_take_the_last_one_away(
        self, hub: TestHub, owner: Client
    ) -> None:
        second = hub.person(email="second@example.com")
        group = owner.post(
            "/groups",
            {
                "group_name": "Admins",
                "group_roles": [{"role_id": 2, "category_id": 0}],
                "members": [second],
            },
        ).data["group_id"]
        assert owner.delete(f"/users/{owner.user_id}").status == 200
        admin = hub.token("second@example.com")
        assert admin.patch(f"/groups/{group}", {"members": []}).status == 409
        assert admin.delete(f"/groups/{group}").status == 409
        assert admin.get("/roles").status == 200


class TestReassigning:
    @pytest.mark.parametrize("deactivate", [0, 1])
    def test_no_token_moves_all_of_them_end_and_both_sides_are_audited(
        self, hub: TestHub, owner: Client, deactivate: int
    ) -> None:
        leaver, successor = hub.person(email="leaver@example.com"), hub.person((2, 0))
        assigned, off = hub.token("leaver@example.com"), hub.token("leaver@example.com")
        made = jwt_client(hub, leaver).post("/tokens", {"token_name": "mine"}).data
        personal = {"Authorization": f"Bearer {made['token']}"}
        owner.patch(f"/tokens/{off.token_id}", {"token_is_active": 0})
        body = {"to_user_id": successor, "deactivate": deactivate}
        answer = owner.post(f"/users/{leaver}/reassign", body)
        assert (answer.status, answer.data["tokens"]) == (200, 2)
        assert owner.user("leaver@example.com")["user_is_active"] == 1 - deactivate
        assert assigned.get("/authinfo").status == 401
        assert hub.anonymous().get("/authinfo", headers=personal).status == 401
        assert {t["user_id"] for t in owner.get("/tokens").data["tokens"]} == {
            owner.user_id,
            leaver,
        }
        owner.patch(f"/tokens/{off.token_id}", {"token_is_active": 1})
        assert off.get("/authinfo").status == 401
        actions = [
            e["action"] for e in owner.get("/audit?object_type=user&limit=100").data["entries"]
        ]
        assert "reassign from" in actions and "reassign to" in actions

    def test_the_successor_must_be_somebody_else_and_active(
        self, hub: TestHub, owner: Client
    ) -> None:
        leaver, idle = hub.person(), hub.person(invite_status=1)
        for to in (leaver, idle):
            assert owner.post(f"/users/{leaver}/reassign", {"to_user_id": to}).status == 400
        assert owner.post(f"/users/{leaver}/reassign", {"to_user_id": 10**9}).status == 404

    def test_a_helper_cannot_move_tokens_to_somebody_above(
        self, hub: TestHub, owner: Client
    ) -> None:
        role = owner.post(
            "/roles", {"role_name": "Helper", "permissions": ["Manage Users", "Manage Users Roles"]}
        ).data["role_id"]
        assert (
            hub.someone((role, 0))
            .post(f"/users/{hub.person()}/reassign", {"to_user_id": owner.user_id})
            .status
            == 403
        )


class TestTheTrash:
    def test_a_trashed_account_is_out_of_sight_and_comes_back_as_it_was(
        self, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_roles=[{"role_id": 6, "category_id": 1}])).data
        path = f"/users/{user['user_id']}"
        assert owner.delete(path).status == 200
        assert (
            owner.users() == [u for u in owner.users() if u["user_id"] != user["user_id"]]
            and owner.get("/users").data["totalItems"] == 1
        )
        assert owner.users("trashed=1") == [user]
        assert (
            owner.post("/edituser", {"user_email": user["user_email"]}).status
            == owner.delete(path).status
            == 404
        )
        assert owner.post("/adduser", a_user(user_email=user["user_email"])).status == 409
        assert (
            owner.post(f"{path}/restore").data == user
            and owner.get("/users").data["totalItems"] == 2
        )
        assert owner.post(f"{path}/restore").status == 409

    def test_tokens_of_a_trashed_account_stay_dead_after_the_restore(
        self, hub: TestHub, owner: Client
    ) -> None:
        person = hub.someone((8, 0))
        owner.delete(f"/users/{person.user_id}")
        assert person.get("/authinfo").status == 401
        owner.post(f"/users/{person.user_id}/restore")
        assert person.get("/authinfo").status == 401

    def test_erasure_is_a_second_act_and_reaches_every_corner(
        self, hub: TestHub, owner: Client
    ) -> None:
        secret = "Rumpelstilzchen"
        body = a_user(
            user_email=f"{secret}@example.com", user_last_name=secret, user_invite_status=2
        )
        user = owner.post("/adduser", body, headers={"Idempotency-Key": "k"}).data
        hub.worker.round()
        hub.database.write(
            lambda db: db.change(
                sa.text("UPDATE outbox SET last_error = :e"), {"e": f"550 <{secret}@example.com>"}
            )
        )
        owner.put(f"/users/{user['user_id']}/email", {"user_email": f"{secret}2@example.com"})
        path = f"/users/{user['user_id']}"
        assert owner.post(f"{path}/erase").status == 409
        owner.delete(path)
        assert owner.post(f"{path}/erase").status == 200
        assert owner.get(path).status == owner.post(f"{path}/restore").status == 404
        assert owner.users("trashed=1") == [] and owner.users(f"s={secret}") == []
        entries = owner.get(f"/audit?object_type=user&object_id={user['user_id']}").data["entries"]
        assert [e["action"] for e in entries] == [
            "erase user",
            "trash user",
            "change e-mail",
            "add user",
        ]
        told = {
            name for e in entries for facts in (e["before"], e["after"]) for name in facts or {}
        }
        assert told <= {"user_roles", "user_is_active", "user_invite_status"}  # nothing of theirs
        assert secret.lower() not in everything(hub).lower()
        assert (
            owner.post("/adduser", a_user(user_email=f"{secret}@example.com")).data["user_id"]
            > user["user_id"]
        )


def everything(hub: TestHub) -> str:
    """All rows of all tables as one text."""
    with hub.database.reading() as db:
        names = [
            n for n in sa.inspect(db.connection).get_table_names() if not n.startswith("sqlite_")
        ]
        return " ".join(
            repr(tuple(row))
            for name in {*names, "user_search"}
            for row in db.rows(sa.text(f'SELECT * FROM "{name}"'))
        )


class TestWhy:
    def test_each_right_names_role_place_and_group(self, hub: TestHub, owner: Client) -> None:
        person = hub.person((5, 3), email="pm@example.com")
        owner.post(
            "/groups",
            {
                "group_name": "Curators",
                "group_roles": [{"role_id": 4, "category_id": 1}],
                "members": [person],
            },
        )
        access = owner.get(f"/users/{person}/access").data
        rights = {r["permission"]: r for r in access["rights"]}
        assert access["may_sign_in"] == 1 and rights["Manage Users"] == {
            "permission": "Manage Users",
            "granted": 0,
            "by": [],
        }
        by = rights["View dashboards"]["by"][0]
        assert (by["role_name"], by["category_id"], by["category_chain"], by["group_name"]) == (
            "Program Manager",
            3,
            [1, 2, 3],
            None,
        )
        assert rights["Manage Components"]["by"][0]["group_name"] == "Curators"
        owner.post("/edituser", {"user_email": "pm@example.com", "user_is_active": 0})
        assert owner.get(f"/users/{person}/access").data["refusal"] == "The account is Inactive."


class TestTheAudit:
    def test_every_change_has_who_when_where_what_before_and_after(
        self, hub: TestHub, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_location="Rome")).data
        owner.post("/edituser", {"user_email": user["user_email"], "user_location": "Bari"})
        owner.post("/edituser", {"user_email": user["user_email"], "user_location": "Bari"})
        edit, add = owner.get(f"/audit?object_type=user&object_id={user['user_id']}").data[
            "entries"
        ]
        assert (edit["before"], edit["after"], edit["door"]) == (
            {"user_location": "Rome"},
            {"user_location": "Bari"},
            "api",
        )
        assert (edit["actor_user_id"], edit["actor_token_id"]) == (owner.user_id, owner.token_id)
        assert add["before"] is None and add["after"]["user_email"] == user["user_email"]
        assert (
            owner.get(f"/audit?since={edit['at_epoch']}&action=edit user").data["totalItems"] >= 1
        )
        assert owner.get(f"/audit?until={add['at_epoch'] // 1000 - 100}").data["totalItems"] == 0
        assert hub.someone((8, 0)).get("/audit").status == 403

    def test_invitations_sessions_and_categories_are_in_it_too(
        self, hub: TestHub, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data["user_id"]
        owner.post(f"/users/{user}/invitations", {})
        owner.post(f"/users/{user}/invitations", {"send_mail": 0})
        actions = [
            e["action"]
            for e in owner.get(f"/audit?object_type=user&object_id={user}").data["entries"]
        ]
        assert actions == ["make invitation link", "invite user", "add user"]
        jwt_client(hub, hub.person((8, 0)))
        assert (
            owner.get("/audit?object_type=session").data["entries"][0]["action"] == "open session"
        )
        nodes = owner.get("/hierarchy").data["categories"]
        nodes[0]["category_name"] = "Money"
        owner.put("/categories", {"categories": nodes})
        entry = owner.get("/audit?object_type=category&object_id=1").data["entries"][0]
        assert (
            entry["action"],
            entry["before"]["category_name"],
            entry["after"]["category_name"],
        ) == (
            "change category",
            "Finance",
            "Money",
        )

    def test_what_it_says_of_people_is_not_readable_in_the_database(
        self, hub: TestHub, owner: Client
    ) -> None:
        owner.post("/adduser", a_user(user_last_name="Geheimnis"))
        with hub.database.reading() as db:
            rows = [
                bytes(row[0])
                for row in db.rows(sa.text("SELECT changes FROM audit WHERE object_type = 'user'"))
            ]
        assert rows and not any(b"Geheimnis" in row for row in rows)
        assert msgspec.json.encode(owner.get("/audit").data).count(b"Geheimnis") == 1
