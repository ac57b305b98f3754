"""Servers, mail and a browser for tests from end to end."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.support.browser import chromium
from tests.support.mail import Post, post_office
from tests.support.processes import Server, autohub, serving
from tests.support.releases import find_release

FAST = {"AUTOHUB_SIGN_IN_LIMIT_PER_MINUTE": "1000", "AUTOHUB_WORKER_SECONDS": "0.2"}

# A checkout without history has no release to upgrade from; tests/conftest.py says so at the end.
collect_ignore = [] if find_release() else ["test_upgrade.py"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def post() -> Iterator[Post]:
    with post_office() as found:
        yield found


@pytest.fixture
def server(tmp_path: Path, post: Post) -> Iterator[Server]:
    """A new hub that can send mail."""
    post.mails.clear()
    with serving(tmp_path, AUTOHUB_SMTP_URL=f"smtp://127.0.0.1:{post.port}", **FAST) as found:
        yield found


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data of a sample organisation, to be copied, and its owner's password."""
    folder = tmp_path_factory.mktemp("demo")
    done = autohub(folder, "demo", "--users", "120", "--ideas", "150")
    password = re.search(r"password: (\S+)", done.stdout + done.stderr)
    assert password, done
    return folder, password[1]


@pytest.fixture
def demo(tmp_path: Path, demo_data: tuple[Path, str]) -> Iterator[tuple[Server, str]]:
    """A sample organisation of the test's own, behind a real server, and its owner's password."""
    folder, password = demo_data
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with serving(tmp_path, **FAST) as found:
        yield found, password
