"""People at work from end to end: real server, real mail, real browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.end_to_end.browsing import (
    DEMO,
    FOCUSED,
    JANE,
    OWNER,
    PASSWORD,
    move,
    register_first,
)
from tests.support.browser import PHONE, opened, sign_in
from tests.support.mail import Post
from tests.support.processes import Server


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
        owner.get_by_role("button", name="Choose from the tree").last.click()
        owner.get_by_label("Find a category").fill("dunn")
        owner.get_by_role("button", name="Dunning").click()
        assert (
            owner.get_by_label("Where")
            .last.evaluate("select => select.selectedOptions[0].text")
            .endswith("Dunning")
        )
        owner.get_by_label("Where").last.select_option(label="All categories")
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
        page.wait_for_url("/explore")
        page.wait_for_load_state("load")
        page.keyboard.press("c")
        page.wait_for_url("/submit")
        reach("Employee-driven Idea")
        page.keyboard.press("Enter")
        page.wait_for_url("/submit/1")
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
