"""`python -m benchmarks.pages`: the heaviest pages against the call with the same rows, what a
visit transfers, and how long Chromium takes until the pipeline's table can be used. It makes a
sample organisation of its own."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from tests.support import postgres
from tests.support.browser import chromium, sign_in
from tests.support.processes import serving

from benchmarks.commands import autohub

EMAIL = "olivia.owner@demo.example"
PAIRS = (
    # the page, and the call of the same rows
    ("/admin/access/users?limit=50&sort=name", "/users?limit=50&sort=user_last_name"),
    ("/admin/access/users?s=sharma", "/users?limit=50&s=sharma&sort=user_last_name"),
    ("/people?s=sharma", "/users?limit=50&s=sharma&inviteStatus=active&sort=user_last_name"),
    (
        "/pipeline",
        "/automations?limit=50&submissionType=all&sort=process_updated_epoch&sortOrder=desc",
    ),
    (
        "/pipeline?s=invoice",
        "/automations?limit=50&submissionType=all&s=invoice&sort=process_updated_epoch&sortOrder=desc",
    ),
    (
        "/pipeline?layout=board",
        "/automations?limit=225&submissionType=all&sort=process_estimated_benefit_score&sortOrder=desc",
    ),
    (
        "/pipeline?layout=chart",
        "/automations?limit=400&submissionType=all&sort=process_estimated_benefit_score&sortOrder=desc",
    ),
    (
        "/explore",
        "/automations?limit=12&submissionType=all&sort=process_created_epoch&sortOrder=desc",
    ),
    ("/automation-profile/7", "/automations/7"),
    ("/dashboards", "/automations?limit=100000&submissionType=all"),
    ("/leaderboard", "/automations?limit=100000&submissionType=all"),
    ("/tasks", "/automations?limit=100&status=46&submissionType=all"),
)

VISITS = (
    ("first visit (sign-in and explore)", None),
    ("pipeline, first", "/pipeline"),
    ("pipeline, again", "/pipeline"),
    ("dashboards, first", "/dashboards"),
    ("dashboards, again", "/dashboards"),
)


def median(work: Callable[[], object], times: int = 7) -> float:
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def compare(folder: Path, options: argparse.Namespace, url: str | None) -> None:
    """Fills a hub, and prints its pages against their calls; in SQLite, where a fresh
    installation begins, Chromium's times too."""
    more = {"AUTOHUB_DATABASE_URL": url} if url else {}
    done = autohub(
        folder,
        "demo",
        "--users",
        str(options.users),
        "--ideas",
        str(options.ideas),
        patience=900,
        **more,
    )
    password = (done.stdout + done.stderr).rpartition("password: ")[2].split()[0]
    token = autohub(
        folder, "token", "create", "--name", "bench", "--user", EMAIL, **more
    ).stdout.split()[-1]
    with serving(folder, AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE="1000", **more) as server:
        time.sleep(30)  # the search index catches up
        headers = {"Authorization": f"Bearer {token}", "x-ah-openapi-auth": "openapi-token"}
        api = httpx.Client(base_url=f"{server.url}/api/v1/openapi", timeout=120, headers=headers)
        web = httpx.Client(
            base_url=server.url, timeout=120, headers={"sec-fetch-site": "same-origin"}
        )
        web.post("/sign-in", data={"user_email": EMAIL, "password": password})
        print(
            f"{'PostgreSQL' if url else 'SQLite'}\n\n| page | ÷ the call | page | call | kB "
            "packed |\n|---|---|---|---|---|"
        )
        for page, call in PAIRS:
            assert web.get(page).status_code == 200, page
            assert api.get(call).status_code == 200, call
            ours, theirs = (
                median(lambda page=page: web.get(page)),
                median(lambda call=call: api.get(call)),
            )
            size = int(web.get(page).headers["content-length"]) / 1000
            print(
                f"| `{page}` | {ours / theirs:.1f} | {ours * 1000:.0f} ms | {theirs * 1000:.0f} "
                f"ms | {size:.0f} |",
                flush=True,
            )
        if not url:
            browse(server.url, password)


def browse(url: str, password: str) -> None:
    """Prints what visits transfer, and how long they take in Chromium."""
    with chromium() as browser:
        context = browser.new_context(base_url=url)
        page = context.new_page()
        client = context.new_cdp_session(page)
        client.send("Network.enable")
        sent: list[float] = []
        client.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
        for label, address in VISITS:
            sent.clear()
            start = time.perf_counter()
            if address is None:
                sign_in(page, EMAIL, password)
            else:
                page.goto(address, wait_until="commit")
                page.wait_for_selector("#list")
                if address == "/pipeline":
                    page.wait_for_selector("#list tbody tr td.name a")
            took = time.perf_counter() - start
            page.wait_for_load_state("networkidle")
            print(f"| Chromium: {label} | | {took * 1000:.0f} ms | | {sum(sent) / 1000:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--ideas", type=int, default=30_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    for database in options.database or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)  # PostgreSQL runs as somebody else
            if database == "sqlite":
                compare(folder, options, None)
                continue
            postgres.FAST = (
                "listen_addresses=",
                "max_connections=200",
                "shared_buffers=512MB",
            )  # durable, unlike in the tests
            with postgres.running(folder / "pg") as url:
                compare(folder, options, postgres.create_database(url, "pages"))


if __name__ == "__main__":
    main()
