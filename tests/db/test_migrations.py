"""Migrations, up and down with data, on both databases; a newer database is refused."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.conftest import settings_for
from tests.support import postgres

from autohub.db import migrate
from autohub.db.engine import Database
from autohub.db.schema import metadata
from autohub.server import bootstrap as install


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    return postgres.create_database(request.getfixturevalue("postgres_url"), "migrations")


def test_the_migrated_database_has_the_tables_that_the_code_declares(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    with database.reading() as db:
        context = MigrationContext.configure(
            db.connection,
            opts={
                "include_object": lambda obj, name, kind, *_: (
                    not str(name).startswith(
                        (
                            "user_search",
                            "idea_search",
                            "idea_gram",
                            "ix_user_search_text",
                            "ix_idea_search_text",
                            "ix_idea_name_pieces",
                        )
                    )
                    or str(name).endswith("_pending")
                )
            },
        )
        assert compare_metadata(context, metadata) == []
    assert migrate.upgrade(database) == []
    database.close()


def test_down_and_up_again_with_data_leaves_a_working_hub(url: str, tmp_path: Path) -> None:
    database, first = install.open_database(settings_for(tmp_path, url))
    migrate.downgrade(database, to="base")
    with database.reading() as db:
        tables = {
            t for t in sa.inspect(db.connection).get_table_names() if not t.startswith("sqlite_")
        }
        assert tables == {"alembic_version"}
    database.close()
    database, second = install.open_database(settings_for(tmp_path, url))
    assert first.tenant_id != second.tenant_id and migrate.is_current(database)
    database.close()


def test_a_hub_from_before_the_flows_gets_them_when_it_is_opened(url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, url)
    database, before = install.open_database(settings)
    migrate.downgrade(database, to="m2026_11_22_accounts")
    database.close()
    database, after = install.open_database(settings)
    with database.reading() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM idea_flow")) == 8 and before == after
    database.close()


def test_what_a_change_request_is_about_moves_into_the_idea_and_its_record(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    migrate.downgrade(database, to="m2026_11_26_imports")
    with database.writing() as db:
        for process_id in (1, 2):
            blank = {"process_id": process_id, "none": b"{}", "document": b'"process_name":"Pay"'}
            db.change(
                sa.text(
                    "INSERT INTO idea_document (process_id, answers, assessed, extras, marked, "
                    "document) VALUES (:process_id, :none, :none, :none, :none, :document)"
                ),
                blank,
            )
        db.change(sa.text("INSERT INTO change_request (process_id, of_process_id) VALUES (2, 1)"))
    migrate.upgrade(database)
    with database.reading() as db:
        rows = db.rows(sa.text("SELECT document FROM idea_document ORDER BY process_id"))
    assert [bytes(row.document) for row in rows] == [
        b'"process_name":"Pay","change_of_process_id":null',
        b'"process_name":"Pay","change_of_process_id":1',
    ]
    database.close()


def test_a_database_of_a_later_release_is_refused(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    with database.writing() as db:
        db.change(sa.text("UPDATE alembic_version SET version_num = 'm2999_01_01_later'"))
    for act in (migrate.is_current, migrate.upgrade):
        with pytest.raises(migrate.NewerDatabase, match="m2999_01_01_later"):
            act(database)
    database.close()


def test_the_tenant_and_its_secret_stay_the_same_from_start_to_start(
    url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, url)
    one, facts = install.open_database(settings)
    one.close()
    two, again = install.open_database(settings)
    two.close()
    assert facts == again


def test_texts_from_before_are_found_by_straight_quotes_cities_and_composed_addresses(
    url: str,
) -> None:
    database = Database(url)
    migrate.upgrade(database)
    migrate.downgrade(database, to="m2026_11_28_waits_for")
    with database.writing() as db:
        for user_id, email, city in (
            (1, "ame\u0301lie@x.example", "lyon"),
            (2, "o@x.example", None),
        ):
            db.change(
                sa.text(
                    "INSERT INTO user_account (user_id, user_email, user_email_key, search_text, "
                    "user_location_key, user_is_active, user_invite_status, created_epoch, "
                    "updated_epoch) VALUES (:id, :email, :email, :text, :city, 1, 0, 0, 0)"
                ),
                {"id": user_id, "email": email, "text": "o’brien", "city": city},
            )
    migrate.upgrade(database)
    with database.reading() as db:
        rows = db.rows(sa.text("SELECT * FROM user_account ORDER BY user_id"))
        assert db.scalar(sa.text("SELECT count(*) FROM user_search_pending")) == 2
    assert [row.search_text for row in rows] == ["o'brien lyon", "o'brien"]
    assert [row.user_email for row in rows] == ["amélie@x.example", "o@x.example"]
    database.close()


IDEA = (
    "INSERT INTO idea (process_id, process_uuid, process_name, process_name_key, "
    "process_description, process_submission_type, idea_flow_id, category_id, phase_status_id, "
    "status_epoch, process_created_epoch, process_updated_epoch, process_is_deleted, search_text) "
    "VALUES (:id, :uuid, :name, :name, 'd', :type, :type, 1, 46, 1, 1, 2, :gone, 'fix a/b')"
)
LIST = {"key": "OVR-APPLICATIONS", "title": "Applications used", "kind": "applications"}
COUNTS = [
    {"key": key, "title": "How many", "kind": "number"}
    for key in ("OVR-COUNT_APPS", "OVR-COUNT_THIN_APPS")
]
DOCUMENT = (
    "INSERT INTO idea_document (process_id, answers, assessed, extras, marked, document) "
    "VALUES (:id, :answers, :none, :none, :none, :none)"
)


def test_ideas_from_before_lose_counts_and_private_words_and_are_found_without_punctuation(
    url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, url)
    database, _ = install.open_database(settings)
    migrate.downgrade(database, to="m2026_12_01_move_in")
    answers = b'{"OVR-COUNT_APPS":{"value":3},"OVR-PURPOSE":{"value":"x"}}'
    old = {"key": "OVRBP", "sections": [{"questions": [LIST, *COUNTS]}]}
    with database.writing() as db:
        db.change(
            sa.text(
                "UPDATE assessment_version SET definition = :old WHERE assessment_key = 'OVRBP'"
            ),
            {"old": json.dumps(old).encode()},
        )
        for number, (name, type_, gone) in enumerate(
            (("Fix A/B", 8, 0), ("Plain", 1, 0), ("Private", 1, 1)), 1
        ):
            facts = {"id": number, "uuid": f"u{number}", "name": name, "type": type_, "gone": gone}
            db.change(sa.text(IDEA), facts)
            facts = {"id": number, "answers": answers, "none": b"{}"}
            db.change(sa.text(DOCUMENT), facts)
    database.close()
    database, _ = install.open_database(settings)
    with database.reading() as db:
        documents = db.rows(sa.text("SELECT * FROM idea_document ORDER BY process_id"))
        texts = db.scalars(sa.text("SELECT search_text FROM idea ORDER BY process_id"))
        marked = db.scalars(sa.text("SELECT process_id FROM idea_search_pending"))
        asked = bytes(
            db.scalar(
                sa.text("SELECT definition FROM assessment_version WHERE assessment_key = 'OVRBP'")
            )
        )
    assert b"OVR-COUNT_APPS" not in bytes(documents[0].answers)
    assert bytes(documents[0].answers) != bytes(documents[1].answers) == answers
    assert list(texts)[:2] == ["fix a b fix a/b", "fix a/b"] and list(marked) == [1]
    assert bytes(documents[2].marked) == b'"process_is_deleted":1'
    assert b"Private" not in bytes(documents[2].document)
    (section,) = json.loads(asked)["sections"]
    assert [(each["key"], each["kind"]) for each in section["questions"]] == [
        ("OVR-COUNT_APPS", "applications"),
        ("OVR-COUNT_THIN_APPS", "applications"),
    ]
    database.close()
