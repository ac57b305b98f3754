"""What is kept in memory is what a transaction would read, whoever changed it and when."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.hub import TestHub

from autohub.access import store as access
from autohub.assessments import service as assessments
from autohub.collaborators import store as seats
from autohub.db import stamps
from autohub.db.engine import Database, Reading, Writing
from autohub.db.migrate import downgrade, upgrade
from autohub.db.schema import metadata
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.notifications import store as notices

READS: dict[str, Callable[[Reading], Any]] = {
    "roles": access.all_roles,
    "statuses": flow_store.all_statuses,
    "phases": flow_store.list_phases,
    "flow rows": flow_store.list_flows,
    "a flow": lambda db: flows.get_flow(db, 8),
    "a category's flows": lambda db: flows.get_category_flows(db, 3),
    "collaborator roles": seats.all_roles,
    "what waits for review": lambda db: notices.waits_for_review(db, 46),
    "live questions": lambda db: assessments.live_assessments_for(db, 3, 1),
}
CHANGES = {
    "role": "UPDATE role SET role_name = role_name || '!' WHERE role_id = 6",
    "role_permission": "DELETE FROM role_permission WHERE role_id = 5",
    "phase": "UPDATE phase SET phase_target_days = coalesce(phase_target_days, 0) + 1",
    "phase_status": "UPDATE phase_status SET waits_for = NULL WHERE phase_status_id = 46",
    "idea_flow": "UPDATE idea_flow SET idea_flow_name = idea_flow_name || '!'",
    "flow_transition": "DELETE FROM flow_transition WHERE idea_flow_id = 8 AND to_status_id = 47",
    "category_flow": "INSERT INTO category_flow (category_id, submission_type, idea_flow_id) "
    "VALUES (3, 1, 2) ON CONFLICT DO NOTHING",
    "category": "UPDATE category SET path = '/1/3/' WHERE category_id = 3",
    "collaborator_role": "UPDATE collaborator_role SET role_name = role_name || '!'",
    "assessment_version": "UPDATE assessment_version SET state = state || '!'",
    "category_assessment": "UPDATE category_assessment SET assessment_key = assessment_key || '!'",
}


@pytest.fixture
def elsewhere(hub: TestHub) -> Any:
    """Another process's connections to the same database."""
    other = Database(hub.database.url.render_as_string(hide_password=False))
    yield other
    other.close()


def _plainly(read: Callable[[Reading], Any], db: Reading) -> Any:
    """What is read with no stamp in sight."""
    known, db._stamps = db._stamps, {}
    try:
        return read(db)
    finally:
        db._stamps = known


def test_every_table_of_a_noun_renews_its_stamp(hub: TestHub) -> None:
    tables = [table for names in stamps.TABLES.values() for table in names]
    assert sorted(tables) == sorted(CHANGES)
    for noun, names in stamps.TABLES.items():
        for table in names:
            with hub.database.reading() as db:
                before = dict(db.stamps())
            hub.database.write(lambda db, table=table: db.change(sa.text(CHANGES[table])))  # type: ignore[misc]
            with hub.database.reading() as db:
                changed = {name for name, at in db.stamps().items() if at != before[name]}
            assert changed == {noun}, table


@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=12), st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_ever_older_or_newer_than_its_snapshot(
    hub: TestHub,
    elsewhere: Database,
    changes: list[str],
    data: Any,
) -> None:
    hub.reset()
    for change in changes:
        with hub.database.reading() as db:
            name = data.draw(st.sampled_from(sorted(READS)))
            READS[name](db)  # the snapshot is taken here, before the change
            elsewhere.write(lambda db, change=change: db.change(sa.text(CHANGES[change])))  # type: ignore[misc]
            for name, read in READS.items():
                assert read(db) == _plainly(read, db), (name, "the old snapshot")
        for where in (hub.database, elsewhere):
            with where.reading() as db:
                for name, read in READS.items():
                    assert read(db) == _plainly(read, db), (name, "a new snapshot")


def test_a_writer_sees_its_own_changes_and_nobody_sees_what_was_rolled_back(hub: TestHub) -> None:
    class ChangedMind(Exception):
        pass

    with hub.database.reading() as db:
        before = flow_store.list_phases(db)

    def change_and_give_up(db: Writing) -> None:
        assert flow_store.list_phases(db) == before
        db.change(sa.text(CHANGES["phase"]))
        own = flow_store.list_phases(db)
        assert own != before
        assert flow_store.list_phases(db) == own
        raise ChangedMind

    with pytest.raises(ChangedMind):
        hub.database.write(change_and_give_up)
    with hub.database.reading() as db:
        assert flow_store.list_phases(db) == before


def test_a_kept_answer_takes_no_statement(hub: TestHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub.database.reading() as db:
        first = flow_store.all_statuses(db)
    with hub.database.reading() as db:
        db.stamps()
        monkeypatch.setattr(db, "_execute", None)
        monkeypatch.setattr(db, "_run", None)
        assert flow_store.all_statuses(db) is first


def test_the_way_back_leaves_no_trigger_and_the_way_forth_brings_them_again(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hub.db'}")
    upgrade(database)
    count = sa.text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
    with database.reading() as db:
        there = db.scalar(count)
    assert there == 3 * sum(len(names) for names in stamps.TABLES.values())
    downgrade(database, to="m2026_12_04_tombstones")
    with database.reading() as db:
        assert db.scalar(count) == 0
    upgrade(database)
    with database.reading() as db:
        assert db.scalar(count) == there
        assert set(db.stamps()) == set(stamps.TABLES)
    database.close()
    assert all(table in metadata.tables for names in stamps.TABLES.values() for table in names)
