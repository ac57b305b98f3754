"""Lists, board and chart in a real browser: addresses, keys, and what happens while they load."""

import re
from typing import Any

from playwright.sync_api import Browser, expect
from tests.end_to_end.browsing import (
    DEMO,
)
from tests.support.browser import opened, sign_in
from tests.support.processes import Server


def test_a_card_is_dragged_where_its_flow_leads_and_nowhere_else(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/pipeline?layout=board")
        card = page.locator(".lane[data-phase='1'] .lane-card", has_text="Awaiting review").first
        name = card.locator("a").first.inner_text()
        card.drag_to(page.locator(".lane[data-phase='3']"), target_position={"x": 60, "y": 20})
        expect(page.locator("#panel")).not_to_be_visible()
        card.drag_to(page.locator(".lane[data-phase='2']"), target_position={"x": 60, "y": 20})
        panel = page.locator("#panel")
        expect(panel).to_contain_text(name)
        panel.get_by_label("Reason").fill("Dragged")
        panel.locator("form button.btn-primary").click()
        expect(page.locator(".said")).to_contain_text(name)
        assert page.url.endswith("/pipeline?layout=board")


def test_lists_keep_their_address_the_back_button_works_and_keys_walk_the_rows(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/pipeline")
        page.get_by_role("link", name="Name", exact=True).click()
        page.wait_for_url("/pipeline?sort=name")
        first = page.locator("#list tbody tr").first.locator("td.name a").inner_text()
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**page=2**")
        expect(page.locator("#list tbody tr").first.locator("td.name a")).not_to_have_text(first)
        page.go_back()
        page.wait_for_url("/pipeline?sort=name")
        expect(page.locator("#list tbody tr").first.locator("td.name a")).to_have_text(first)
        page.wait_for_load_state("load")  # the scripts of the page that came back
        page.keyboard.press("j")
        page.keyboard.press("j")
        second = page.locator("#list tbody tr").nth(1)
        expect(second).to_have_class(re.compile("is-current"))
        wanted = second.locator("td.name a").inner_text()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=wanted)).to_be_visible()
        page.wait_for_load_state("load")
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type("invoice")
        expect(page.locator("#found")).to_contain_text("Ideas")
        page.keyboard.press("Escape")
        expect(page.locator("#found")).to_be_empty()


def test_export_and_saved_views_hold_what_the_list_shows_after_a_search_and_a_dropped_filter(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/pipeline?type=1&phase=1,2")
        page.get_by_label("Search in this list").fill("invoice")
        expect(page).to_have_url(re.compile("s=invoice"))
        export = page.get_by_role("link", name="Export")
        expect(export).to_have_attribute("href", re.compile(r"s=invoice.*kind=xlsx"))
        page.get_by_role("button", name="Phase: ", exact=False).first.click()
        expect(page).to_have_url(re.compile(r"\?(?!.*drop)(?!.*phase=1\b).*phase=2"))
        expect(export).to_have_attribute("href", re.compile(r"^(?!.*phase=1\b).*s=invoice"))
        expect(page.get_by_role("link", name=re.compile("^Live"))).to_have_attribute(
            "href", re.compile("s=invoice")
        )
        page.get_by_text("Views", exact=True).click()
        page.get_by_label("Keep this list as").fill("Invoices")
        page.get_by_role("button", name="Save the view").click()
        expect(page.locator(".said")).to_contain_text("Invoices")
        expect(page.get_by_label("Search in this list")).to_have_value("invoice")
        assert "type=1" in page.url and "phase=2" in page.url


def test_a_slow_network_keeps_the_rows_and_a_broken_one_says_so(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/people")
        names = page.locator("#list tbody tr").count()
        waiting = []
        page.route("**/people?**", lambda route: waiting.append(route))
        page.get_by_placeholder("Name, address, unit or department").fill("olivia")
        page.wait_for_timeout(600)
        assert (
            page.locator("#list tbody tr").count() == names
            and page.locator("body.loading").count() == 1
        )
        waiting[0].continue_()
        expect(page.locator("#list tbody tr")).not_to_have_count(names)
        page.unroute("**/people?**")
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/people")
        page.route("**/people?**", lambda route: route.fulfill(status=204))
        page.get_by_placeholder("Name, address, unit or department").fill("olivia")
        expect(page.locator("#list tbody tr").first).to_be_visible()


def test_the_decision_chart_and_its_table_know_of_each_other_and_the_theme_switches(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/pipeline?layout=chart")
        page.wait_for_function("document.querySelector('[data-chart]').chart")
        rows = page.locator("[data-point]")
        assert rows.count() > 5
        rows.nth(3).hover()
        page.wait_for_timeout(500)
        at = page.evaluate(
            """() => {
            const place = document.querySelector('[data-chart]');
            const box = place.getBoundingClientRect();
            const point = place.chart.getOption().series[0].data[0];
            const spot = place.chart.convertToPixel({seriesIndex: 0}, point.value);
            return {x: box.x + spot[0], y: box.y + spot[1], id: String(point.id)}; }"""
        )
        page.mouse.click(at["x"], at["y"])
        expect(page.locator(".decide-table .is-current")).to_have_count(1)
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
        page.locator("summary.me").click()
        page.get_by_role("button", name="Light or dark").click()
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
        page.wait_for_timeout(300)
        page.reload()
        assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_what_is_typed_before_the_scripts_are_there_is_searched_for(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        held: list[Any] = []
        page.route("**/htmx.min.js**", lambda route: held.append(route))
        page.goto("/people", wait_until="commit")
        page.get_by_placeholder("Name, address, unit or department").fill("olivia.owner")
        expect(page.locator("#list tbody tr")).not_to_have_count(1)
        held[0].continue_()
        expect(page.locator("#list tbody tr")).to_have_count(1)
        assert "s=olivia.owner" in page.url
