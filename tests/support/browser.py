"""Debian's Chromium, driven by Playwright; what a page does wrong there fails the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).with_name("axe.min.js")
SHOTS = os.environ.get("AUTOHUB_SHOTS")
"""The folder for screenshots; without it none are made."""
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium; Debian's package is called chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Trouble(list[str]):
    """What the browser complained of: scripts that failed, policies that were broken, answers of
    500."""


@contextmanager
def opened(browser: Browser, url: str, **facts: Any) -> Iterator[Page]:
    """A page of a new context; at the end nothing may have gone wrong in it. `may_fail` names
    statuses that are meant."""
    may_fail = {str(status) for status in facts.pop("may_fail", ())}
    context: BrowserContext = browser.new_context(
        base_url=url, locale="en-GB", **({"viewport": WIDE} | facts)
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    trouble = Trouble()
    page.on("pageerror", lambda error: trouble.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda told: trouble.append(f"{page.url}: {told.text}") if told.type == "error" else None,
    )
    yield page
    context.close()
    meant = [
        line
        for line in trouble
        if any(f"status of {status}" in line or f"Code {status}" in line for status in may_fail)
    ]
    assert [line for line in trouble if line not in meant] == []


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/explore")


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
"""WCAG 2.2 A and AA."""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What other colours alone can break."""
LAYOUT = RULES | {"rules": {"color-contrast": {"enabled": False}}}
"""What another width can break."""


def faults_of(page: Page, rules: dict[str, object] = RULES) -> list[str]:
    """What axe-core finds wrong that is serious or worse."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async rules => (await axe.run(document, rules)).violations.map("
        "({id, impact, nodes}) => ({id, impact, nodes: nodes.slice(0, 3)}))",
        rules | {"resultTypes": ["violations"]},
    )
    return [
        f"{fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png")
