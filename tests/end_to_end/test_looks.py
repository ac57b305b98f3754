"""Every page in a real browser, wide and narrow, light and dark: nothing serious for axe-core,
nothing wider than the screen, no complaint of the browser; with AUTOHUB_SHOTS a screenshot of each
in that folder."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import (
    COLOURS,
    LAYOUT,
    PHONE,
    RULES,
    SHOTS,
    WIDE,
    faults_of,
    opened,
    shoot,
    sign_in,
)
from tests.support.processes import Server, serving

from autohub.kit.clock import now as clock
from autohub.server.routes import PAGES

EMAIL = "olivia.owner@demo.example"
LAYOUTS = {
    "wide": (WIDE, "light", RULES),
    "wide-dark": (WIDE, "dark", COLOURS),
    "phone": (PHONE, "light", LAYOUT),
}
"""Colours do not change with the width, nor the layout with the colours: three say what four do."""
SHARES = 4
"""Into how many tests the pages are dealt, so that they run side by side."""
NOT_PAGES = re.compile(
    r"export|download|/files/|/people/options|/users/(values|known)|^/$|/register/|/reset/|/failed$|/counts|/best$"
    r"|^/sign-in/(with|back)"
)


@pytest.fixture(scope="module")
def hub(
    tmp_path_factory: pytest.TempPathFactory, demo_data: tuple[Path, str]
) -> Iterator[tuple[Server, str, dict[str, str]]]:
    """A demo organisation behind a real server, the owner's password, and what stands in its
    addresses."""
    folder = tmp_path_factory.mktemp("looks")
    shutil.copytree(demo_data[0], folder, dirs_exist_ok=True)
    with sqlite3.connect(next(Path(folder).glob("*.db"))) as db:
        live = db.execute(
            "SELECT process_id FROM idea WHERE phase_status_id = 91 LIMIT 1"
        ).fetchone()[0]
        waiting = db.execute(
            "SELECT process_id FROM idea WHERE phase_status_id = 46 LIMIT 1"
        ).fetchone()[0]
        offer = str(db.execute("SELECT process_id FROM store_offer LIMIT 1").fetchone()[0])
        # what a demo lacks: a group, a notification, a long import, a provider, a webhook
        db.execute(
            "INSERT INTO import_run (user_id, file_name, blob_key, mapping, state, total, done, "
            "created_epoch, updated_epoch) VALUES (1, 'inventory.csv', 'gone', '{}', 'stopped', "
            "5000, 2000, :now, :now)",  # old ones are cleared away
            {"now": clock()},
        )
        db.execute(
            "INSERT INTO user_group (group_name, group_name_key, created_epoch) VALUES ('Finance "
            "approvers', 'finance approvers', 1)"
        )
        db.execute(
            "INSERT INTO notification (user_id, notice, process_id, created_epoch) VALUES (1, "
            "'review asked', ?, 1767225600000)",
            (waiting,),
        )
        db.execute(
            "INSERT INTO sign_on_provider (provider_name, issuer, client_id, trusts_emails, "
            "provider_is_active, created_epoch) VALUES ('Contoso', 'https://id.example.com', "
            "'hub', 0, 1, 1767225600000)"
        )
        db.execute(
            "INSERT INTO webhook (webhook_name, host, sealed_url, sealed_secret, body_format, "
            "event_types, category_ids, state, waits_until_epoch, leased_until_epoch, "
            "created_epoch) VALUES ('Desk', 'desk.example.com', '', '', 'standard', '[]', '[]', "
            "'off', 0, 0, 1767225600000)"
        )
        db.commit()
    with serving(folder, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="1000") as server:
        values = {
            "process": str(live),
            "waiting": str(waiting),
            "key": "DA",
            "flow": "1",
            "user": "7",
            "role": "5",
            "group": "1",
        }
        yield (
            server,
            demo_data[1],
            values
            | {
                "version": "2",
                "kind": "1",
                "application": "1",
                "sync": "1",
                "run": "1",
                "token": "1",
                "category": "3",
                "component": "1",
                "offer": offer,
                "provider": "1",
                "webhook": "1",
            },
        )


def addresses(values: dict[str, str]) -> list[str]:
    paths = [
        view.path
        for view in PAGES
        if view.method == "GET" and not NOT_PAGES.search(view.path) and "{sync}" not in view.path
    ]
    found = [path.format(**values) for path in paths if path not in ("/sign-in", "/forgotten")]
    more = [
        "/pipeline?layout=board",
        "/pipeline?view=decision&layout=chart",
        "/pipeline?category=9999",
        "/workspace?tab=drafts",
    ]
    return [
        *found,
        *more,
        f"/automation-profile/{values['waiting']}",
        f"/automation-profile/{values['waiting']}/move",
        "/search?s=invoice",
    ]


TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Past the frame in which a page answers to its new size."""
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling"
"""What still waits for its answer, or just got it."""


def faults_in_every_layout(page: Page, address: str) -> Iterator[str]:
    """Opens a page once, looks at it in each layout, and leaves the window wide and light."""
    page.goto(address, wait_until="load")
    for layout, (viewport, scheme, rules) in LAYOUTS.items():
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        page.evaluate(TWO_FRAMES)
        if SHOTS and re.search("chart|dashboards|cost-benefit", address):
            page.wait_for_timeout(500)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            yield f"{layout} {address} is {width} wide"
        yield from (f"{layout} {address} {fault}" for fault in faults_of(page, rules))
        shoot(page, layout + re.sub(r"[^a-z0-9]+", "-", address.lower()))
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_is_right_to_the_eye_the_screen_reader_and_the_browser(
    hub: tuple[Server, str, dict[str, str]], browser: Browser, share: int
) -> None:
    server, password, values = hub
    wrong: list[str] = []
    with opened(browser, server.url, reduced_motion="reduce", may_fail=(409,)) as page:
        for address in ("/sign-in", "/forgotten")[share::SHARES]:
            wrong += faults_in_every_layout(page, address)
        sign_in(page, EMAIL, password)
        for address in addresses(values)[share::SHARES]:
            wrong += faults_in_every_layout(page, address)
    assert not wrong, "\n".join(wrong)


OPENED: dict[str, tuple[str, ...]] = {
    # an address, and what is pressed there one after the other
    "/pipeline?view=review": ("[data-pick-all]", ".selection .menu summary"),
    "/pipeline": ("tbody tr .row-menu summary",),
    "/admin/access/users": ("td.name a",),
    "/admin/access/users/add": ("form[data-guard] .btn-primary",),
    "/automation-profile/{waiting}": (".waits .btn-primary",),
    "/admin/setup/assessments/{version}/preview": ("fieldset label", "form.card .btn-primary"),
    "/explore": ("summary.me", "[data-keys]"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_on_a_page_is_as_right_as_the_page(
    hub: tuple[Server, str, dict[str, str]], browser: Browser, scheme: str
) -> None:
    server, password, values = hub
    wrong: list[str] = []
    with opened(
        browser, server.url, reduced_motion="reduce", color_scheme=scheme, may_fail=(400,)
    ) as page:
        sign_in(page, EMAIL, password)
        for address, presses in OPENED.items():
            page.goto(address.format(**values), wait_until="load")
            for place in presses:
                page.locator(place).first.click()
                expect(page.locator(UNSETTLED)).to_have_count(0)
                page.evaluate(TWO_FRAMES)
            wrong += [f"{address} {fault}" for fault in faults_of(page)]
            shoot(page, f"opened-{scheme}{re.sub(r'[^a-z0-9]+', '-', address.lower())}")
    assert not wrong, "\n".join(wrong)
