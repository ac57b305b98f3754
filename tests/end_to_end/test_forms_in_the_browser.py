"""Forms and dialogs in a real browser: what is typed is never lost, and what gives power asks."""

from playwright.sync_api import Browser, expect
from tests.end_to_end.browsing import DEMO
from tests.support.browser import opened, sign_in
from tests.support.processes import Server


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


def test_an_administrators_role_is_asked_for_twice(
    demo: tuple[Server, str], browser: Browser
) -> None:
    server, password = demo
    with opened(browser, server.url) as page:
        sign_in(page, DEMO, password)
        page.goto("/admin/access/users?role=8")
        page.locator('input[name="user_id"]').first.check()
        page.locator("#selection").get_by_text("Give a role").click()
        page.locator("#selection [name=role_id]").select_option(label="System Admin")
        page.locator("#selection [name=category_id]").select_option(label="All categories")
        name = page.locator('input[name="user_id"]').first.get_attribute("data-pick") or "?"
        asked = page.locator("#ask")
        page.get_by_role("button", name="Give this role").click()
        expect(asked).to_contain_text("System Admin")
        expect(asked).to_contain_text(name)
        asked.get_by_role("button", name="Cancel").click()
        expect(page.locator(".said")).to_have_count(0)
        page.get_by_role("button", name="Give this role").click()
        asked.get_by_role("button", name="Give System Admin to 1 person").click()
        expect(page.locator(".said")).to_contain_text("Gave the role to 1 person.")


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
