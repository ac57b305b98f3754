"""Makes the pictures of docs/guide.md from a sample organisation. Needs the test requirements
and Debian's Chromium."""

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.browser import chromium, sign_in  # noqa: E402
from tests.support.processes import autohub, serving  # noqa: E402

IMAGES = ROOT / "docs" / "images"
EMAIL = "olivia.owner@demo.example"
SIZE = {"width": 1200, "height": 750}
TABLE = f"""Title,Summary,Department,Stage,Owner
Match parcels with orders,"Every evening, by hand",Operations > Logistics,running,{EMAIL}
Chase late payers,A letter for each,Finance > Accounts Receivable > Dunning,new,{EMAIL}
Welcome new colleagues,Six forms for everybody,Human Resources > Reception,new,{EMAIL}
"""
"""A list as somebody kept it before there was a hub."""
SHOTS = (
    ("explore", "/explore"),
    ("submit", "/submit/1"),
    ("pipeline", "/pipeline"),
    ("board", "/pipeline?layout=board"),
    ("decision", "/pipeline?view=decision&layout=chart"),
    ("profile", "/automation-profile/{waiting}"),
    ("scores", "/automation-profile/{live}/assessments"),
    ("cost-benefit", "/automation-profile/{live}/cost-benefit"),
    ("store", "/store"),
    ("dashboards", "/dashboards"),
    ("users", "/admin/access/users"),
    ("add-user", "/admin/access/users/add"),
    ("import-users", "/admin/access/import"),
    ("assessment", "/admin/setup/assessments/3"),
    ("flow", "/admin/setup/flows/1"),
)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = autohub(folder, "demo", "--users", "200", "--ideas", "300")
        password = re.search(r"password: (\S+)", done.stdout + done.stderr)
        with (
            serving(folder, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="1000") as server,
            chromium() as browser,
        ):
            page = browser.new_context(
                base_url=server.url, viewport=SIZE, locale="en-GB"
            ).new_page()
            sign_in(page, EMAIL, password[1])
            numbers = {}
            for key, address in (
                ("waiting", "/pipeline?view=review"),
                ("live", "/pipeline?view=live"),
            ):
                page.goto(address)
                numbers[key] = (
                    page.locator("#list td.name a").first.get_attribute("href").rpartition("-")[2]
                )
            page.goto("/admin/setup/import")
            page.get_by_label("File").first.set_input_files(
                files=[{"name": "ideas.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}]
            )
            page.get_by_role("button", name="Read the file").click()
            page.get_by_label("running", exact=True).select_option(label="Live – In Production")
            page.get_by_label("new", exact=True).select_option(label="Idea – Awaiting review")
            page.get_by_role("button", name="Try it").click()
            page.wait_for_selector("#report")
            page.screenshot(path=IMAGES / "import-pipeline.png", full_page=True)
            for shot, address in SHOTS:
                page.goto(address.format(**numbers))
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(500)
                page.screenshot(path=IMAGES / f"{shot}.png")


if __name__ == "__main__":
    main()
