"""What the tests in the browser share."""

from playwright.sync_api import Page, expect
from tests.support.processes import Server

PASSWORD = "correct horse battery"
OWNER, JANE = "olivia@example.com", "jane@example.com"
DEMO = "olivia.owner@demo.example"
FOCUSED = """(() => {
    const at = document.activeElement;
    return (at.labels?.[0] || at).innerText || at.getAttribute("aria-label") || "";
})()"""
"""What the element that has the focus is called."""


def path_of(link: str) -> str:
    return "/" + link.partition("://")[2].partition("/")[2]


def register_first(page: Page, server: Server) -> None:
    page.goto(path_of(server.first_link))
    page.get_by_label("First name").fill("Olivia")
    page.get_by_label("Last name").fill("Owner")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Hello Olivia")).to_be_visible()


def move(page: Page, button: str, **fields: str) -> None:
    """Presses a button of “Waiting for you”, fills the panel, and sends it."""
    page.get_by_role("link", name=button, exact=True).first.click()
    panel = page.locator("#panel")
    for label, value in fields.items():
        panel.get_by_label(label.replace("_", " ")).fill(value)
    panel.locator("form button.btn-primary").click()
    expect(page.locator(".said")).to_be_visible()
