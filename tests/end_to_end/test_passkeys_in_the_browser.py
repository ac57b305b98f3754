"""A passkey in a real browser, whose authenticator is Chromium's virtual one."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.end_to_end.browsing import OWNER, PASSWORD, register_first
from tests.support.browser import faults_of, opened, shoot
from tests.support.processes import free_port, serving

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in_with_and_without_the_password(
    tmp_path: Path, browser: Browser
) -> None:
    port = free_port()
    url = f"http://localhost:{port}"  # passkeys belong to names, never to addresses
    with (
        serving(tmp_path, port=port, AUTOHUB_BASE_URL=url) as server,
        opened(browser, url) as page,
    ):
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        register_first(page, server)
        page.goto("/account/second-factors")
        page.get_by_label("Name").fill("laptop")
        shoot(page, "second-factors")
        assert faults_of(page) == []
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        shoot(page, "recovery-codes")
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("laptop", exact=True)).to_be_visible()

        page.context.clear_cookies()
        page.goto("/sign-in?next=/account")
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("/account")  # "**/account" would already match ?next=/account

        page.context.clear_cookies()
        page.goto("/sign-in")
        page.get_by_label("E-mail").fill(OWNER)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        shoot(page, "second-step")
        assert faults_of(page) == []
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url("/explore")
