"""From a release to this code, with what that release's own demo wrote."""

import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.conftest import settings_for
from tests.support import postgres
from tests.support.hub import running_hub
from tests.support.processes import AUTOHUB, autohub, environment
from tests.support.releases import find_release, git

from autohub.db import migrate

Tables = dict[str, tuple[list[str], list[tuple[object, ...]]]]
ROOT = Path(__file__).parents[2]
CHANGED = {"assessment_version.definition", "idea_document.document", "user_account.search_text"}
"""Columns of which a migration makes more; tables that went were empty."""


@pytest.fixture(scope="module")
def old_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the release, out of the history."""
    folder = tmp_path_factory.mktemp("release")
    found = find_release()
    packed = git("archive", found, "src")
    subprocess.run(["tar", "x", "-C", folder], input=packed, check=True)
    return folder / "src"


def run_release(source: Path, folder: Path, *arguments: str, **more: str) -> str:
    program = "from autohub.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment(folder, PYTHONPATH=str(source), **more),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_everything(url: str) -> Tables:
    """Each table's columns and rows, in the order of its key."""
    engine = sa.create_engine(url)
    found = {}
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            if "search" in name or name in ("alembic_version", "idea_gram"):
                continue  # made anew by the worker
            table = sa.Table(name, sa.MetaData(), autoload_with=connection)
            rows = connection.execute(sa.select(table).order_by(*table.primary_key))
            found[name] = (table.columns.keys(), [tuple(row) for row in rows])
    engine.dispose()
    return found


def find_changes(before: Tables, after: Tables) -> set[str]:
    """Tables that are gone or have another number of rows, and columns that hold something
    else."""
    found = set()
    for name, (columns, rows) in before.items():
        new_columns, new_rows = after.get(name, ([], []))
        if len(new_rows) != len(rows):
            found.add(name)
            continue
        for column in {*columns} & {*new_columns}:
            was = [row[columns.index(column)] for row in rows]
            if [row[new_columns.index(column)] for row in new_rows] != was:
                found.add(f"{name}.{column}")
    return found


def get_revision(url: str) -> str:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
    engine.dispose()
    return str(found)


def kill_migrations(folder: Path, more: dict[str, str], url: str, kills: int) -> int:
    """SIGKILL somewhere between a migration's first import and its commit: all of it is there,
    or nothing. Returns how many were cut short."""
    chance, first = random.Random(kills), get_revision(url)
    for number in range(kills):
        process = subprocess.Popen([AUTOHUB, "migrate"], env=environment(folder, **more))
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.3, 2.5))
        process.kill()
        process.wait()
        if get_revision(url) != first:
            assert get_revision(url) == migrate.revisions()[-1]
            return number
    return kills


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_row_of_the_release_is_there_after_the_upgrade(
    database: str, old_source: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    size = request.config.getoption("--upgrade-size")
    url, more = f"sqlite:///{tmp_path}/autohub.db", {}
    if database == "postgresql":
        url = postgres.create_database(request.getfixturevalue("postgres_url"), "upgrade")
        more["AUTOHUB_DATABASE_URL"] = url
        url = url.replace("postgresql:", "postgresql+psycopg:")
    run_release(old_source, tmp_path, "demo", "--users", str(size), "--ideas", str(size), **more)
    people = json.loads(run_release(old_source, tmp_path, "users", "list", "--json", **more))
    before = read_everything(url)

    kills = request.config.getoption("--crash-rounds") // 3
    cut_short = kill_migrations(tmp_path, more, url, kills)
    done = autohub(tmp_path, "migrate", **more)
    assert done.returncode == 0 and get_revision(url) == migrate.revisions()[-1]

    assert find_changes(before, read_everything(url)) == CHANGED
    assert json.loads(autohub(tmp_path, "users", "list", "--json", **more).stdout) == people
    found = json.loads(autohub(tmp_path, "doctor", "--json", **more).stdout)
    assert all(one["ok"] for one in found), found
    backup = tmp_path / "backup.zip"
    assert autohub(tmp_path, "backup", str(backup), **more).returncode == 0
    assert autohub(tmp_path, "verify", str(backup), **more).returncode == 0
    with running_hub(settings_for(tmp_path, more.get("AUTOHUB_DATABASE_URL"))) as hub:
        hub.worker.round()
        owner = hub.token("olivia.owner@demo.example")
        ideas = owner.get(f"/automations?limit={size + 1}").data["processes"]
        assert len(ideas) > size / 2  # change requests and archived ones are elsewhere
        columns, rows = before["idea"]
        names = {row[columns.index("process_name")] for row in rows}
        assert {idea["process_name"] for idea in ideas} <= names
        for idea in ideas[:20]:
            assert owner.get(f"/automations/{idea['process_id']}").status == 200
    if request.config.getoption("capture") == "no":
        rows_in_all = sum(len(rows) for _, rows in before.values())
        print(
            f"\n{database}: {rows_in_all} rows of {len(before)} tables, each there and unchanged; "
            f"{cut_short} migrations killed before"
        )
