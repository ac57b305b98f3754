"""Invitations by a real SMTP server, their delivery states, links and the registration page."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from tests.support.hub import Client, TestHub, a_user
from tests.support.mail import Post, post_office
from tests.support.outbound import make_mailer

from autohub.db import outbox
from autohub.kit.clock import DAY


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    with post_office() as post:
        yield post


@pytest.fixture
def post(server: Post, hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> Post:
    server.mails.clear()
    server.refuse = None
    monkeypatch.setattr(
        hub.worker.mailing, "mailer", make_mailer(f"smtp://127.0.0.1:{server.port}")
    )
    return server


def link_in(text: str) -> str:
    return re.search(r"/register/\S+", text)[0]


def submit(client: Client, path: str, **fields: str):
    return client.hub.request(
        "POST",
        path,
        urlencode(fields).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )


def state(owner: Client, user_id: int) -> list[tuple[str, str]]:
    return [
        (i["invitation_state"], i["delivery_state"])
        for i in owner.get(f"/users/{user_id}/invitations").data["invitations"]
    ]


class TestInviting:
    def test_the_mail_goes_out_once_and_its_link_registers_the_person(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        owner.post("/edituser", {"user_email": user["user_email"], "user_invite_status": 2})
        hub.worker.round()
        hub.worker.round()
        assert [to for to, _ in post.mails] == [user["user_email"]]
        path = link_in(post.mails[0][1])
        assert "Choose a password" in hub.request("GET", path, None, {}).raw.decode()
        assert submit(owner, path, password="short").status == 400
        assert submit(owner, path, password="long enough for all").status == 303
        assert owner.user(user["user_email"])["user_invite_status"] == 3
        assert state(owner, user["user_id"]) == [("used", "sent")]
        assert submit(owner, path, password="long enough for all").status == 404
        signed_in = hub.anonymous().post(
            "/sessions", {"user_email": user["user_email"], "password": "long enough for all"}
        )
        assert signed_in.status == 201
        info = (
            Client(hub, {"Authorization": f"Bearer {signed_in.data['access_token']}"})
            .get("/authinfo")
            .data
        )
        assert (info["type"], info["user"]["user_email"]) == (
            "automation-cloud",
            user["user_email"],
        )

    def test_the_registered_person_is_active_again_after_an_inactivation(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        hub.worker.round()
        submit(owner, link_in(post.mails[0][1]), password="long enough for all")
        owner.post("/edituser", {"user_email": user["user_email"], "user_is_active": 0})
        assert (
            owner.post("/edituser", {"user_email": user["user_email"], "user_is_active": 1}).data[
                "user_invite_status"
            ]
            == 3
        )

    def test_bulk_rows_that_enter_2_are_mailed_too(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        known = owner.post("/adduser", a_user(user_invite_status=1)).data["user_email"]
        owner.post(
            "/users/bulk",
            [
                a_user(user_invite_status=2),
                a_user(),
                {"user_email": known, "user_invite_status": 2},
            ],
        )
        hub.worker.round()
        assert len(post.mails) == 2

    def test_an_inactivation_cancels_link_and_mail(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        invitation = owner.get("/invitations").data["invitations"][0]["invitation_id"]
        path = link_in(owner.post(f"/invitations/{invitation}/link").data["link"])
        owner.post("/edituser", {"user_email": user["user_email"], "user_is_active": 0})
        hub.worker.round()
        assert post.mails == [] and state(owner, user["user_id"]) == [("cancelled", "cancelled")]
        assert hub.request("GET", path, None, {}).status == 404
        assert owner.post(f"/invitations/{invitation}/link").status == 409

    def test_a_refusal_is_final_and_a_failure_is_tried_again_with_a_pause(
        self, hub: TestHub, owner: Client, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = (
            owner.post("/adduser", a_user(user_invite_status=2)).data["user_id"] for _ in range(2)
        )
        post.refuse = "450 come back later"
        hub.worker.round()
        told = owner.get(f"/users/{one}/invitations").data["invitations"][0]
        assert (
            told["delivery_attempts"] == 1
            and told["invitation_state"] == "open"
            and "450" in told["delivery_error"]
        )
        assert told["user_email"] not in told["delivery_error"]
        post.refuse = None
        hub.worker.round()
        assert post.mails == []
        import autohub.server.jobs as jobs_module

        real = jobs_module.clock
        monkeypatch.setattr(jobs_module, "clock", lambda: real() + outbox.BACKOFF[0] + 1)
        post.refuse = "550 no such mailbox"
        hub.worker.round()
        assert state(owner, one) == state(owner, other) == [("open", "failed")]

    def test_without_a_mail_server_nothing_is_lost_and_an_administrator_reads_the_link(
        self, hub: TestHub, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        hub.worker.round()
        assert state(owner, user["user_id"]) == [("open", "waiting")]
        invitation = owner.get("/invitations?open=1").data["invitations"][0]
        answer = owner.post(f"/invitations/{invitation['invitation_id']}/link")
        assert hub.request("GET", link_in(answer.data["link"]), None, {}).status == 200
        assert owner.get("/audit").data["entries"][0]["action"] == "read invitation link"

    def test_a_link_can_be_made_without_a_mail(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        user = owner.post("/adduser", a_user()).data
        made = owner.post(f"/users/{user['user_id']}/invitations", {"send_mail": 0})
        assert (
            made.status,
            made.data["delivery_state"],
            owner.user(user["user_email"])["user_invite_status"],
        ) == (201, "none", 1)
        assert owner.post(f"/users/{user['user_id']}/invitations", {"send_mail": 1}).data[
            "delivery_state"
        ] in ("waiting", "queued")
        hub.worker.round()
        assert len(post.mails) == 1 and state(owner, user["user_id"])[1] == ("cancelled", "none")
        assert owner.post(f"/users/{owner.user_id}/invitations", {}).status == 409

    def test_a_link_is_nobodys_key_to_an_account_above(self, hub: TestHub, owner: Client) -> None:
        boss = owner.post(
            "/adduser", a_user(user_roles=[{"role_id": 1, "category_id": 0}], user_invite_status=2)
        ).data
        invitation = owner.get(f"/users/{boss['user_id']}/invitations").data["invitations"][0][
            "invitation_id"
        ]
        assert hub.someone((2, 0)).post(f"/invitations/{invitation}/link").status == 403
        assert hub.token(None).post(f"/invitations/{invitation}/link").status == 403
        assert owner.post(f"/invitations/{invitation}/link").status == 200

    def test_a_link_gives_nothing_that_came_after_it(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        """Whoever may invite, and so read the link, waits until somebody promotes the account."""
        manager = hub.someone((2, 0))
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        mine = f"/users/{user['user_id']}/invitations"
        invitation = owner.get(mine).data["invitations"][0]["invitation_id"]
        read = manager.post(f"/invitations/{invitation}/link").data["link"]
        path = link_in(read)
        assert hub.request("GET", path, None, {}).status == 200
        roles = [{"role_id": 1, "category_id": 0}]
        body = {"user_email": user["user_email"], "user_roles": roles}
        assert owner.post("/edituser", body).status == 201
        assert hub.request("GET", path, None, {}).status == 404
        assert submit(owner, path, password="long enough for all").status == 404
        hub.worker.round()  # the person gets a new one, which is their own
        assert (
            submit(owner, link_in(post.mails[-1][1]), password="long enough for all").status == 303
        )

    def test_joining_a_group_takes_an_open_link_away_too(
        self, hub: TestHub, owner: Client, post: Post
    ) -> None:
        user = owner.post("/adduser", a_user(user_invite_status=2)).data
        hub.worker.round()
        path = link_in(post.mails[0][1])
        group = {
            "group_name": "Bosses",
            "group_roles": [{"role_id": 1, "category_id": 0}],
            "members": [user["user_id"]],
        }
        assert owner.post("/groups", group).status == 201
        assert hub.request("GET", path, None, {}).status == 404

    def test_links_that_are_forged_expired_or_nonsense_do_not_work(
        self, hub: TestHub, owner: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner.post("/adduser", a_user(user_invite_status=2))
        path = link_in(owner.post("/invitations/1/link").data["link"])
        for wrong in (
            path[:-1] + ("0" if path[-1] != "0" else "1"),
            "/register/1-",
            "/register/x",
            "/register/99-aa",
            "/register/first-00",
            "/register/²-x",
        ):
            assert hub.request("GET", wrong, None, {}).status == 404, wrong
        import autohub.web.dispatcher as dispatcher

        real = dispatcher.clock
        monkeypatch.setattr(dispatcher, "clock", lambda: real() + 15 * DAY)
        assert hub.request("GET", path, None, {}).status == 404


class TestTheFirstPerson:
    def test_the_link_makes_the_account_owner_once(self, hub: TestHub) -> None:
        from autohub.users.registration import first_person_link

        path = link_in(first_person_link(settings=hub.settings, installation=hub.installation))
        anyone = hub.anonymous()
        assert "You are the first person here" in hub.request("GET", path, None, {}).raw.decode()
        wrong = submit(
            anyone,
            path,
            user_first_name="Olivia",
            user_last_name="",
            user_email="nonsense",
            password="short",
        )
        page = wrong.raw.decode()
        assert wrong.status == 400
        assert 'value="Olivia"' in page and "E-mail must be" in page
        fields = {
            "user_first_name": "Olivia",
            "user_last_name": "<b>O</b>",
            "user_email": "olivia@example.com",
            "password": "long enough for all",
        }
        assert submit(anyone, path, **fields).status == 303
        assert (
            submit(anyone, path, **fields).status
            == hub.request("GET", path, None, {}).status
            == 404
        )
        signed_in = anyone.post(
            "/sessions", {"user_email": "olivia@example.com", "password": "long enough for all"}
        )
        client = Client(hub, {"Authorization": f"Bearer {signed_in.data['access_token']}"})
        assert client.get("/authinfo").data["user"]["user_roles"] == ["ah-account-owner"]

    def test_accounts_that_a_script_made_before_do_not_take_the_link_away(
        self, hub: TestHub
    ) -> None:
        from autohub.users.registration import first_person_link

        path = link_in(first_person_link(settings=hub.settings, installation=hub.installation))
        hub.token(None).post("/adduser", a_user(user_email="jane@example.com"))
        fields = {"user_first_name": "O", "user_last_name": "P", "password": "long enough for all"}
        taken = submit(hub.anonymous(), path, user_email="Jane@example.com", **fields)
        assert (
            taken.status == 409
            and "exists already" in taken.raw.decode()
            and 'value="O"' in taken.raw.decode()
        )
        assert submit(hub.anonymous(), path, user_email="owner@example.com", **fields).status == 303
        assert hub.request("GET", path, None, {}).status == 404
        assert [u["user_roles"] for u in hub.token(None).users("s=owner")] == [
            [{"role_id": 1, "category_id": 0}]
        ]

    def test_pages_carry_a_strict_policy_and_escape_what_people_type(
        self, hub: TestHub, owner: Client
    ) -> None:
        owner.post("/adduser", a_user(user_first_name="<script>", user_invite_status=2))
        answer = hub.request(
            "GET", link_in(owner.post("/invitations/1/link").data["link"]), None, {}
        )
        assert (
            "<script>" not in answer.raw.decode()
            and "unsafe" not in answer.headers["content-security-policy"]
        )
        assert (
            answer.headers["referrer-policy"] == "no-referrer"
            and answer.headers["cache-control"] == "no-store"
        )
