"""What keeps an account from being taken over in silence, and what was taken away from coming
back."""

import smtplib
from email.message import EmailMessage

import pytest
from tests.support.hub import Client, TestHub
from tests.support.mail import delivered, post_office
from tests.support.outbound import make_mailer
from tests.support.pages import Visitor

from autohub.access import sessions
from autohub.integrations import mail
from autohub.integrations.mail import MailFailed

PASSWORD = "four words nobody guesses"


def test_whoever_has_a_token_made_for_them_is_told(hub: TestHub, owner: Client) -> None:
    person = hub.someone((6, 3), email="ann@example.com")
    delivered(hub)
    assert person.post("/tokens", {"token_name": "mine"}).status == 201
    made = owner.post("/tokens", {"token_name": "theirs", "user_email": "ann@example.com"})
    assert made.status == 201
    owner.post("/tokens", {"token_name": "nobody's", "user_email": None})
    told = [(to, subject) for to, subject, _ in delivered(hub)]
    assert told == [("ann@example.com", "A token acts in your name")] * 2


def test_whoever_gets_another_password_is_told(hub: TestHub, owner: Client) -> None:
    hashed = sessions.hash_password(PASSWORD)
    change = "UPDATE user_account SET password_hash = ? WHERE user_id = ?"
    hub.database.write(lambda db: db.driver_change(change, (hashed, owner.user_id)))
    browser = Visitor(hub, owner.user_id)
    form = {"current": PASSWORD, "password": "four others nobody guesses"}
    assert browser.post("/account/password", form).status == 303
    assert ("owner@example.com", "Your password is another one") in [
        (to, subject) for to, subject, _ in delivered(hub)
    ]
    weak = {"current": "four others nobody guesses", "password": "Owner123456"}
    refused = browser.post("/account/password", weak)
    assert refused.status == 400 and "your own name" in refused.text


def test_an_administrators_switch_off_stays(hub: TestHub, owner: Client) -> None:
    person = hub.someone((6, 3), email="ann@example.com")
    path = f"/tokens/{person.post('/tokens', {'token_name': 'x'}).data['token_id']}"
    assert person.patch(path, {"token_is_active": 0}).status == 200
    assert person.patch(path, {"token_is_active": 1}).status == 200  # one's own doing
    assert owner.patch(path, {"token_is_active": 0}).status == 200
    refused = person.patch(path, {"token_is_active": 1})
    assert refused.status == 403 and "administrator" in refused.message
    assert person.patch(path, {"token_name": "y"}).status == 200
    assert owner.patch(path, {"token_is_active": 1}).status == 200
    assert person.patch(path, {"token_is_active": 0}).status == 200
    assert person.patch(path, {"token_is_active": 1}).status == 200


def test_nobody_prolongs_a_token_that_was_assigned_to_them(hub: TestHub, owner: Client) -> None:
    person = hub.someone((6, 3), email="ann@example.com")
    body = {"token_name": "x", "user_email": "ann@example.com", "token_expires_epoch": 2 * 10**12}
    path = f"/tokens/{owner.post('/tokens', body).data['token_id']}"
    assert person.patch(path, {"token_expires_epoch": 3 * 10**12}).status == 403
    assert person.patch(path, {"token_expires_epoch": None}).status == 403
    assert owner.patch(path, {"token_expires_epoch": None}).status == 200


def test_the_mail_servers_password_is_not_sent_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.com", "b@example.com", "s"
    sent: list[str] = []
    monkeypatch.setattr(smtplib.SMTP, "login", lambda _self, name, _password: sent.append(name))
    with post_office() as post:
        address = f"smtp://mailer:secret@127.0.0.1:{post.port}"
        mailer = make_mailer(address)
        mailer.send(letter)  # nobody listens between this machine and itself
        assert sent == ["mailer"]
        monkeypatch.setattr(mail, "_is_here", lambda _host: False)
        with pytest.raises(MailFailed, match="in the clear"):
            mailer.send(letter)
        assert sent == ["mailer"]


@pytest.mark.parametrize(
    ("host", "is_here"), [("localhost", True), ("127.0.0.1", True), ("mail.example.com", False)]
)
def test_what_counts_as_this_machine(host: str, is_here: bool) -> None:
    assert mail._is_here(host) == is_here


def test_numbers_for_monitoring_need_the_token_if_there_is_one(
    sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = {"Authorization": "Bearer one two three"}
    assert sqlite_hub.request("GET", "/metrics", None, {}).status == 200
    closed = _with(sqlite_hub, metrics_token="one two three")
    monkeypatch.setattr(sqlite_hub.app, "settings", closed)
    assert sqlite_hub.request("GET", "/metrics", None, {}).status == 401
    assert sqlite_hub.request("GET", "/metrics", None, {"Authorization": "Bearer x"}).status == 401
    assert sqlite_hub.request("GET", "/metrics", None, ask).status == 200


def test_browsers_are_told_to_stay_with_tls_where_there_is_tls(
    sqlite_hub: TestHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = sqlite_hub.request("GET", "/sign-in", None, {}).headers
    assert "strict-transport-security" not in plain and "camera=()" in plain["permissions-policy"]
    behind = _with(sqlite_hub, base_url="https://hub.example.com")
    monkeypatch.setattr(sqlite_hub.app.asgi, "_settings", behind)
    for path in ("/sign-in", "/static/hub.css", "/api/v1/openapi/users"):
        headers = sqlite_hub.request("GET", path, None, {}).headers
        assert headers["strict-transport-security"] == "max-age=31536000", path


def _with(hub: TestHub, **facts: object) -> object:
    import msgspec

    return msgspec.structs.replace(hub.settings, **facts)
