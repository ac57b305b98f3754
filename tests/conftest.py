"""The databases and the hub that the tests run on."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import event

from autohub import settings as settings_module
from autohub.db.engine import Reading
from tests.support import postgres
from tests.support.hub import Client, TestHub, running_hub
from tests.support.releases import RELEASE, find_release

DATABASES = ("sqlite", "postgresql")

# Each write of a hub waits for the disk, thousands of times: folders of tests lie in memory where
# there is enough of it, and what passed is removed.
MEMORY = Path("/dev/shm")
if (
    MEMORY.is_dir()
    and shutil.disk_usage(MEMORY).free > 8 << 30
    and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# A busy machine is no failure, and CI tries the same examples each time, so that what is red is red
# again.
hypothesis.settings.register_profile(
    "hub",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("hub")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crash-rounds", type=int, default=6, help="how often the crash test kills the server"
    )
    parser.addoption(
        "--upgrade-size", type=int, default=25, help="how many people and ideas a release writes"
    )
    parser.addoption(
        "--fuzz-examples",
        type=int,
        default=8,
        help="how many requests Schemathesis makes of each call",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not be tested is named loudly."""
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"NOT TESTED: {report.nodeid}: {report.longrepr[2]}", red=True)
    if not find_release():
        text = f"NOT TESTED: the upgrade; this checkout has no history back to release {RELEASE}"
        terminalreporter.write_line(text, red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        os.environ.get("AUTOHUB_TEST_NOTHING_SKIPPED")
        and reporter
        and reporter.stats.get("skipped")
    ):
        session.exitstatus = 1


@pytest.fixture(autouse=True)
def _no_settings_of_the_test_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that run in this process see no variable of the run: they refuse what is no
    setting."""
    for name in [name for name in os.environ if name.startswith("AUTOHUB_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.running(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def _hubs(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, TestHub]]:
    """One hub per database, made when it is first asked for."""
    made: dict[str, TestHub] = {}
    contexts = []

    class Lazy(dict[str, TestHub]):
        def __missing__(self, name: str) -> TestHub:
            folder = tmp_path_factory.mktemp(name)
            url = None
            if name == "postgresql":
                url = postgres.create_database(request.getfixturevalue("postgres_url"), "hub")
            context = running_hub(settings_for(folder, url))
            contexts.append(context)
            self[name] = context.__enter__()
            gc.collect()
            return self[name]

    made = Lazy()
    yield made
    for context in contexts:
        context.__exit__(None, None, None)


def settings_for(folder: Path, url: str | None = None, **more: object) -> settings_module.Settings:
    return settings_module.load(
        {}, data_dir=folder, database_url=url, base_url="http://hub.test", **more
    )


@pytest.fixture(params=DATABASES)
def hub(request: pytest.FixtureRequest, _hubs: dict[str, TestHub]) -> TestHub:
    """The whole application, as new, on each database in turn."""
    found = _hubs[request.param]
    found.reset()
    return found


@pytest.fixture
def both(_hubs: dict[str, TestHub]) -> tuple[TestHub, TestHub]:
    """The hub on both databases at once, for tests that compare them."""
    pair = (_hubs["sqlite"], _hubs["postgresql"])
    for found in pair:
        found.reset()
    return pair


@pytest.fixture
def sqlite_hub(_hubs: dict[str, TestHub]) -> TestHub:
    """The hub on SQLite alone, for tests that no database can change."""
    found = _hubs["sqlite"]
    found.reset()
    return found


@pytest.fixture
def owner(hub: TestHub) -> Client:
    """The Account Owner."""
    return hub.someone((1, 0), email="owner@example.com")


@pytest.fixture
def tenant(hub: TestHub) -> Client:
    """A tenant-level token."""
    return hub.token(None)


@pytest.fixture
def statements(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that the hub runs from now on, but those that begin transactions: through
    SQLAlchemy, and on the driver's cursor."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        if not sql.startswith("BEGIN"):
            seen.append(sql)

    def run(db: Reading, sql: str, *more: Any, **named: Any) -> Any:
        note(None, None, sql)
        return on_cursor(db, sql, *more, **named)

    on_cursor = Reading._run
    monkeypatch.setattr(Reading, "_run", run)
    engines = [hub.database._writer]
    if hub.database.is_sqlite:  # on PostgreSQL both are one engine
        engines.append(hub.database._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
