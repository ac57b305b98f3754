"""People at work: real server, real mail, real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.support.browser import PHONE, chromium, opened, sign_in
from tests.support.mail import Post, post_office
from tests.support.processes import Server, autohub, serving

PASSWORD = "correct horse battery"
OWNER, JANE = "olivia@example.com", "jane@example.com"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    with post_office() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, post: Post) -> Iterator[Server]:
    post.mails.clear()
    more = {"AUTOHUB_SMTP_URL": f"smtp://127.0.0.1:{post.port}", "AUTOHUB_WORKER_SECONDS": "0.2"}
    with serving(tmp_path, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="1000", **more) as found:
        yield found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[Server, str]]:
    done = autohub(tmp_path, "demo", "--users", "60", "--ideas", "80")
    password = re.search(r"password: (\S+)", done.stdout + done.stderr)
    with serving(
        tmp_path, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="1000", AUTOHUB_WORKER_SECONDS="0.2"
    ) as found:
        yield found, password[1]


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


def test_from_an_empty_installation_to_a_live_automation_on_the_dashboard(
    server: Server, post: Post, browser: Browser
) -> None:
    with opened(browser, server.url, may_fail=(400,)) as owner, opened(browser, server.url) as jane:
        register_first(owner, server)
        # at most four clicks from home: Admin, Add a user, (fill), Add user
        owner.get_by_role("link", name="Admin").click()
        owner.get_by_role("link", name="Add a user").click()
        owner.get_by_label("First name").fill("Jane")
        owner.get_by_label("Last name").fill("Doe")
        owner.get_by_label("E-mail").fill("nonsense")
        owner.get_by_role("button", name="Add user").click()
        expect(owner.get_by_role("alert")).to_contain_text("must be an e-mail address")
        assert owner.get_by_label("First name").input_value() == "Jane"
        owner.get_by_label("E-mail").fill(JANE)
        owner.get_by_role("button", name="Another role").click()
        owner.get_by_label("Role", exact=True).last.select_option(label="Program Manager")
        owner.get_by_role("button", name="Choose from the tree").first.click()
        owner.get_by_label("Find a category").fill("dunn")
        owner.get_by_role("button", name="Dunning").click()
        assert (
            owner.get_by_label("Where")
            .first.evaluate("select => select.selectedOptions[0].text")
            .endswith("Dunning")
        )
        owner.get_by_label("Where").first.select_option(label="All categories")
        owner.get_by_role("button", name="Add user").click()
        expect(owner.locator(".said")).to_contain_text(f"an invitation goes to {JANE}")

        jane.goto(post.link_to(JANE, "register"))
        jane.get_by_label("Password").fill(PASSWORD)
        jane.get_by_role("button", name="Complete registration").click()
        expect(jane.get_by_role("heading", name="Hello Jane")).to_be_visible()

        owner.goto("/explore")
        owner.get_by_role("link", name="Submit an idea").first.click()
        owner.get_by_role("link", name="Employee-driven Idea").click()
        owner.get_by_label("Name", exact=False).first.fill("Sort the post")
        owner.get_by_label("Description").fill("Every morning, by hand.")
        owner.get_by_label("Category", exact=False).first.select_option(
            label="Finance › Accounts Payable › Invoices"
        )
        for question in owner.locator("fieldset:has(input[type=radio][name^=HLA])").all():
            if question.locator("fieldset").count() == 0:
                question.locator("input[type=radio]").nth(3).check()
        expect(owner.locator("#kept")).to_contain_text("Kept as a draft")
        expect(owner.locator("#look")).to_contain_text("Idea score")
        owner.get_by_role("button", name="Submit the idea").click()
        expect(owner.locator(".said")).to_contain_text("is handed in")
        profile = owner.url

        jane.goto("/explore")
        expect(jane.locator("#counts")).to_contain_text("1")
        jane.get_by_role("link", name=re.compile("Tasks")).first.click()
        jane.get_by_role("link", name="Sort the post").click()
        move(jane, "Approve", Reason="Worth a look")

        owner.goto("/notifications")
        expect(owner.get_by_role("button", name="was approved")).to_be_visible()
        owner.goto(f"{profile}/assessments/DA")
        for choice in owner.locator(".question:has(input[type=radio])").all():
            choice.locator("input[type=radio]").first.check()
        for number in owner.locator("input[type=number]").all():
            number.fill("8")
        for select in owner.locator(".question select:not([multiple])").all():
            select.select_option(index=1)
        for text in owner.locator(".question textarea:not([name$='--comment'])").all():
            text.fill("As it is today.")
        owner.get_by_role("button", name="Submit the assessment").click()
        expect(owner.locator(".said")).to_contain_text("is complete")
        expect(owner.locator(".track .is-here")).to_contain_text("Qualification")

        jane.goto(profile)
        move(jane, "Approve", Project_manager=JANE)
        expect(jane.locator(".track .is-here")).to_contain_text("Qualification")
        for phase in ("Analysis", "Solution Design", "Development", "Testing", "Hypercare", "Live"):
            for _ in range(3):
                here = jane.locator(".track .is-here > span").inner_text()
                if here == phase:
                    break
                jane.goto(f"{profile}/move")
                ways = jane.locator("#content .form-check-label").all_inner_texts()
                wanted = next((way for way in ways if way.startswith(f"{phase} ")), None) or next(
                    way for way in ways if way.endswith(("Completed", "On track"))
                )
                jane.get_by_label(wanted, exact=True).check()
                jane.locator(".move-form button.btn-primary").click()
                expect(jane.locator(".said")).to_be_visible()
        expect(jane.locator(".track .is-here")).to_contain_text("Live")

        owner.goto("/explore")
        owner.get_by_role("link", name="Dashboards").click()
        expect(owner.locator(".figure", has_text="Went live")).to_contain_text("1")
        owner.locator("#chart-pipeline summary").click()
        owner.locator("#chart-pipeline").get_by_role("link", name="1", exact=True).click()
        expect(owner.get_by_role("link", name="Sort the post")).to_be_visible()


def test_a_forgotten_password_comes_back_by_mail(
    server: Server, post: Post, browser: Browser
) -> None:
    with opened(browser, server.url) as page:
        register_first(page, server)
        page.get_by_label("Your account").or_(page.locator("summary.me")).first.click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Forgotten your password?").click()
        page.get_by_label("E-mail").fill(OWNER)
        page.get_by_role("button", name="Mail me a link").click()
        page.goto(post.link_to(OWNER, "reset"))
        page.get_by_label("New password").fill("another horse battery")
        page.get_by_role("button", name="Set the password").click()
        expect(page.locator(".said")).to_contain_text("Your password is changed")


def test_a_file_of_users_is_mapped_corrected_in_place_and_read_in(
    demo: tuple[Server, str], browser: Browser, tmp_path: Path
) -> None:
    server, password = demo
    file = tmp_path / "people.csv"
    file.write_text(
        "Mail;Given name;Surname;Note\nanna@new.example;Anna;New;x\nbroken(at)new;Bob;Bad;y\n",
        encoding="cp1252",
    )
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.get_by_role("link", name="Admin").click()
        page.get_by_role("link", name="Import users").last.click()
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Read the file").click()
        for column, field in (
            ("Mail", "E-mail"),
            ("Given name", "First name"),
            ("Surname", "Last name"),
        ):
            page.get_by_label(f"What the column {column} is").select_option(label=field)
        page.get_by_role("button", name="Preview what would happen").click()
        expect(page.locator(".figure", has_text="Not right")).to_contain_text("1")
        cell = page.get_by_label("Row 3, E-mail")
        expect(cell).to_have_attribute("aria-invalid", "true")
        cell.fill("bob@new.example")
        page.get_by_role("button", name="Correct these rows").click()
        expect(page.locator(".figure", has_text="Would be added")).to_contain_text("2")
        page.get_by_role("button", name="Sync updates").click()
        expect(page.get_by_text("The file is read in.")).to_be_visible(timeout=20_000)
        page.get_by_role("link", name="Go to the users").click()
        page.get_by_placeholder("Name, address, unit or title").fill("new.example")
        expect(page.locator("#list tbody tr")).to_have_count(2)
        assert "s=new.example" in page.url


CLICKS: dict[str, tuple[tuple[str, ...], str]] = {
    # what people come for: what they press from the home page on, in its words, and what they see
    # then
    "add a user": (("Admin", "Add a user"), "First name"),
    "import users": (("Admin", "Import users"), "Drop it here or choose it"),
    "submit an idea": (
        ("Submit an idea", "Employee-driven Idea"),
        "How rule-based is the process?",
    ),
    "approve it": (("Tasks", "0", "Approve"), "Reason"),
    "see this quarter's benefit": (("Dashboards", "This quarter"), "Hours saved"),
}


def press(page: Page, words: str) -> None:
    """Presses what is called so; '0' is the first row of a list, and a period is chosen."""
    if words == "0":
        page.locator("#content .rows a").first.click()
    elif words == "Your account":
        page.locator("summary.me").click()
    elif words.startswith("This "):
        page.get_by_label("Period").select_option(label=words)
    else:
        page.get_by_role("link", name=re.compile(f"^{words}")).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize("layout", [{}, {"viewport": PHONE}], ids=["wide", "phone"])
def test_what_people_come_for_is_found_by_its_words_in_at_most_four_clicks(
    demo: tuple[Server, str], browser: Browser, layout: dict[str, Any]
) -> None:
    server, password = demo
    with opened(browser, server.url, **layout) as page:
        sign_in(page, DEMO, password)
        for wanted, (clicks, seen) in CLICKS.items():
            page.goto("/explore")
            for words in ("Your account", *clicks) if layout and "Dashboards" in clicks else clicks:
                press(page, words)
            expect(page.get_by_text(seen).first, wanted).to_be_visible()
            assert len(clicks) < 4  # and one to send it


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
        page.wait_for_url("**/pipeline?sort=name")
        first = page.locator("#list tbody tr").first.locator("td.name a").inner_text()
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**page=2**")
        expect(page.locator("#list tbody tr").first.locator("td.name a")).not_to_have_text(first)
        page.go_back()
        page.wait_for_url("**/pipeline?sort=name")
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


def test_unsaved_changes_ask_before_they_are_left_and_a_session_ended_elsewhere_loses_nothing(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with (
        opened(browser, server.url, may_fail=(401,)) as page,
        opened(browser, server.url) as elsewhere,
    ):
        sign_in(page, DEMO, password)
        page.goto("/automation-profile/1/edit")
        page.get_by_label("Description").fill("Much better said.")
        asked: list[str] = []
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.get_by_role("link", name="Explore").first.click(no_wait_after=True)
        page.wait_for_timeout(300)
        assert asked == ["beforeunload"] and page.url.endswith("/edit")

        sign_in(elsewhere, DEMO, password)
        elsewhere.goto("/account")
        elsewhere.get_by_role("button", name="End all others").click()
        page.get_by_role("button", name="Save the changes").click()
        expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
        with page.context.expect_page() as tab:
            page.get_by_role("link", name="Sign in in a new tab").click()
        sign_in(tab.value, DEMO, password)
        page.get_by_role("button", name="Send it again").click()
        expect(page.locator(".said")).to_contain_text("Your changes are saved")
        expect(page.locator("#content")).to_contain_text("Much better said.")


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


def test_an_administrators_role_is_asked_for_twice(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/admin/access/users?role=8")
        page.locator('input[name="user_id"]').first.check()
        page.locator("#selection").get_by_text("Give a role").click()
        page.get_by_label("Role", exact=True).last.select_option(label="System Admin")
        asked: list[str] = []
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.get_by_role("button", name="Give this role").click()
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.get_by_role("button", name="Give this role").click()
        expect(page.locator(".said")).to_contain_text("Done for 1 of 1 people.")
        assert len(asked) == 2 and "System Admin" in asked[0]


def test_the_second_of_two_editors_is_told_sees_both_and_loses_nothing(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with (
        opened(browser, server.url, may_fail=(409,)) as first,
        opened(browser, server.url, may_fail=(409,)) as second,
    ):
        for page in (first, second):
            sign_in(page, DEMO, password)
            page.goto("/automation-profile/1/edit")
        first.get_by_label("Description").fill("First wrote this.")
        first.get_by_role("button", name="Save the changes").click()
        expect(first.locator(".said")).to_contain_text("Your changes are saved")
        second.get_by_label("Description").fill("Second wrote that.")
        second.get_by_label("Pain points").fill("Only the second said this.")
        second.get_by_role("button", name="Save the changes").click()
        expect(second.locator("#content")).to_contain_text("changed this idea")
        expect(second.locator("#content")).to_contain_text("First wrote this.")
        expect(second.get_by_label("Description")).to_have_value("Second wrote that.")
        second.get_by_role("button", name="Save the changes").click()
        expect(second.locator(".said")).to_contain_text("Your changes are saved")
        first.reload()
        expect(first.locator("#content")).to_contain_text("Second wrote that.")
        expect(first.locator("#content")).to_contain_text("Only the second said this.")


def test_an_idea_is_handed_in_and_approved_with_the_keyboard_alone(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        page.goto("/sign-in")

        def reach(words: str, most: int = 80) -> None:
            """Tabs on until what has the focus is called so, and is marked as having it."""
            for _ in range(most):
                page.keyboard.press("Tab")
                name = page.evaluate(FOCUSED)
                if name.strip().startswith(words):
                    assert (
                        page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                        != "none"
                    ), words
                    return
            raise AssertionError(f"“{words}” is not reached by Tab at {page.url}")

        reach("E-mail")
        page.keyboard.type(DEMO)
        reach("Password")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/explore")
        page.wait_for_load_state("load")
        page.keyboard.press("c")
        page.wait_for_url("**/submit")
        reach("Employee-driven Idea")
        page.keyboard.press("Enter")
        page.wait_for_url("**/submit/1")
        reach("Name")
        page.keyboard.type("Collect parcels by keyboard")
        reach("Description")
        page.keyboard.type("Nobody touches a mouse.")
        reach("Category")
        page.keyboard.press("ArrowDown")
        for first in ("Very creative", "Very much paper", "Very unstructured", "Major", "None"):
            reach(first)
            page.keyboard.press("Space")
        reach("Submit the idea")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Collect parcels by keyboard")).to_be_visible()
        page.wait_for_load_state("load")
        reach("Approve")
        page.keyboard.press("Enter")
        expect(page.locator("#panel h1.panel-title")).to_be_focused()
        reach("Reason")
        page.keyboard.type("Why not")
        reach("Approve")
        page.keyboard.press("Enter")
        expect(page.locator(".said")).to_contain_text("Collect parcels by keyboard")


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


def test_what_a_role_allows_is_told_as_it_is_chosen(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/admin/access/users/add")
        page.get_by_text("What this allows").click()
        allowed = page.locator("[data-allows]:visible")
        expect(allowed).to_have_count(1)
        page.get_by_role("button", name="Another role").click()
        page.get_by_label("Role", exact=True).last.select_option(label="Idea Approver")
        expect(allowed).to_have_count(2)
        expect(allowed.filter(has_text="Idea Approver")).to_contain_text("Review ideas")
        page.get_by_role("button", name="Remove this role").first.click()
        expect(allowed).to_have_count(1)


def test_a_pipeline_is_imported_from_the_table_that_an_organisation_has(
    demo: tuple[Server, str], browser: Browser, tmp_path: Path
) -> None:
    server, password = demo
    file = tmp_path / "list.csv"
    file.write_text(
        "Title,Summary,Department,Stage\nWater the plants,Twice a week,Operations > "
        "Logistics,idea only\nBroken,,Nowhere,idea only\n"
    )
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/admin/setup/import")
        page.get_by_label("File").first.set_input_files(file)
        page.get_by_role("button", name="Read the file").click()
        page.get_by_label("idea only").select_option(label="Idea – Awaiting review")
        page.get_by_role("button", name="Try it, write nothing").click()
        expect(page.locator("#report")).to_contain_text("Would be added\n1")
        page.get_by_role("button", name="Import the rows that are right").click()
        page.get_by_role("link", name="Go to the pipeline").click()
        expect(page.get_by_role("link", name="Water the plants")).to_be_visible()


def test_a_category_that_is_refused_comes_back_in_its_dialog(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url, may_fail=(400, 409)) as page:
        sign_in(page, DEMO, password)
        page.goto("/admin/setup/categories")
        page.get_by_role("button", name="Add a business area").click()
        page.get_by_role("dialog").get_by_label("Name").fill("Finance")
        page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("alert")).to_be_visible()
        expect(dialog.get_by_label("Name")).to_have_value("Finance")
