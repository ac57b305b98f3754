"""What an export writes an import reads without a difference: users, ideas, categories and
applications, in every format and through every door."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub import Client, TestHub
from tests.support.pages import Visitor

from autohub.applications import tables as application_tables
from autohub.applications.model import Application
from autohub.categories import tables as category_tables
from autohub.cli.main import run as autohub
from autohub.kit import tabular
from autohub.kit.text import clean, fold

MEDIA = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ODD = ["=1+1", "'quoted'", 'Say "a, b"', "a;b", "Łódź", "-5", "007", "1.5", "x > y"]
TEXT = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn"]), max_size=20),
).map(lambda text: " ".join(clean(text).split()))
NAME = TEXT.filter(bool)
PATHS = {1: "Finance", 2: "Finance > Tax", 3: "A, B > C; D"}


@given(
    st.lists(
        st.tuples(NAME, TEXT, TEXT, st.sets(st.sampled_from(sorted(PATHS)), min_size=1)),
        min_size=1,
        max_size=4,
        unique_by=lambda app: fold(f"{app[0]}\x1f{app[1]}"),
    ),
    st.sampled_from(sorted(MEDIA)),
)
def test_applications_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, apps: list[Any], kind: str
) -> None:
    records = [
        Application(
            application_id=number,
            application_name=name,
            application_version=version,
            application_language=language,
            application_code="",
            application_is_active=1,
            application_added_by_end_user=0,
            application_comments="",
            application_is_citrix_client=0,
            category_ids=sorted(places),
            application_created_epoch=0,
        )
        for number, (name, version, language, places) in enumerate(apps)
    ]
    path = tmp_path_factory.mktemp("t") / f"f.{kind}"
    rows = application_tables.written(records, PATHS)
    tabular.write(path, kind, application_tables.HEADINGS, rows)
    found = application_tables.read(path.read_bytes(), PATHS).lines
    assert [
        (line.name, line.version, line.language, sorted(line.category_ids or ())) for line in found
    ] == [(name, version, language, sorted(places)) for name, version, language, places in apps]


@given(
    st.lists(st.lists(NAME, min_size=1, max_size=3), min_size=1, max_size=5),
    st.sampled_from(sorted(MEDIA)),
)
def test_categories_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, chains: list[list[str]], kind: str
) -> None:
    levels = ("Business Area", "Function", "Activity")
    path = tmp_path_factory.mktemp("t") / f"f.{kind}"
    rows = ([*chain, *([None] * (3 - len(chain)))] for chain in chains)
    tabular.write(path, kind, levels, rows)
    assert category_tables.read_chains(path.read_bytes(), levels).chains == chains


class TestDoors:
    @pytest.fixture(autouse=True)
    def filled(self, hub: TestHub, owner: Client) -> None:
        tree = owner.get("/hierarchy").data["categories"]
        tree += [{"category_id": None, "category_name": name, "subcategories": []} for name in ODD]
        assert owner.put("/categories", {"categories": tree}).status == 200
        apps = [
            {"application_name": name, "application_version": "6.0", "categoryIds": [3, 8]}
            for name in ODD
        ]
        assert owner.put("/appinventory", apps).status == 200, owner.put("/appinventory", apps)

    @pytest.mark.parametrize("kind", sorted(MEDIA))
    @pytest.mark.parametrize("noun", ["categories", "applications"])
    def test_the_command_and_the_call_read_what_the_command_wrote(
        self,
        hub: TestHub,
        owner: Client,
        tmp_path: Path,
        noun: str,
        kind: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("AUTOHUB_DATABASE_URL", hub.settings.database_url)
        before = self.everything(owner)
        file = tmp_path / f"table.{kind}"
        data = ["--data-dir", str(hub.settings.data_dir)]
        assert autohub([*data, noun, "export", str(file)]) == 0
        assert autohub([*data, noun, "import", str(file)]) == 0
        called = owner.post(
            {"categories": "/categories/import", "applications": "/appinventory/import"}[noun],
            raw=file.read_bytes(),
            headers={"Content-Type": MEDIA[kind]},
        )
        assert called.data["added"] == called.data["changed"] == 0, called
        assert self.everything(owner) == before

    @pytest.mark.parametrize("noun", ["categories", "applications"])
    def test_the_page_reads_what_it_wrote(self, hub: TestHub, owner: Client, noun: str) -> None:
        before = self.everything(owner)
        page = Visitor(hub, owner.user_id)
        table = page.get(f"/admin/setup/{noun}/export").html.encode()
        assert page.upload(f"/admin/setup/{noun}/import", "t.csv", table).status == 303
        assert self.everything(owner) == before

    @pytest.mark.parametrize(
        ("noun", "table", "told"),
        [
            ("categories", b"Business Area,Category\nSea,Ships\n", "2 categories would be added"),
            (
                "applications",
                b"Name,Version,Language,Category\nQuay,1,English,Finance\n",
                "1 applications would be added",
            ),
        ],
    )
    def test_the_preview_of_a_page_says_what_would_come_and_writes_nothing(
        self, hub: TestHub, owner: Client, noun: str, table: bytes, told: str
    ) -> None:
        before = self.everything(owner)
        page = Visitor(hub, owner.user_id)
        assert page.upload(f"/admin/setup/{noun}/import/preview", "t.csv", table).status == 303
        assert told in page.get(f"/admin/setup/{noun}").html
        assert self.everything(owner) == before

    def everything(self, owner: Client) -> tuple[Any, Any]:
        apps = owner.get("/appinventory?limit=1000&sort=application_id").data["applications"]
        return owner.get("/hierarchy").data, apps

    @pytest.mark.parametrize(
        ("path", "table"),
        [
            ("/categories/import", "Business Area,Category\nSea,Ships\n"),
            ("/appinventory/import", "Name,Category\nSextant,Finance\nCompass,Finance\n"),
        ],
    )
    def test_a_dry_run_counts_and_writes_nothing(
        self, owner: Client, path: str, table: str
    ) -> None:
        before = self.everything(owner)
        csv = {"Content-Type": "text/csv"}
        tried = owner.post(f"{path}?dryRun=true", raw=table.encode(), headers=csv).data
        assert tried["added"] == 2 and self.everything(owner) == before
        done = owner.post(path, raw=table.encode(), headers=csv).data
        assert done["added"] == 2 and self.everything(owner) != before

    def test_a_short_first_row_hides_no_level_and_a_column_that_is_none_is_told(
        self, owner: Client
    ) -> None:
        table = "Business Area,Category,Function\nSea\nSea,Ships,Trade\n"
        csv = {"Content-Type": "text/csv"}
        done = owner.post("/categories/import", raw=table.encode(), headers=csv).data
        assert done["added"] == 2
        assert done["note"] == "The columns “Function” are no levels; they were not read."

    @pytest.mark.parametrize("path", ["/appinventory/import", "/categories/import"])
    @pytest.mark.parametrize(
        "raw", [b"115", b"", b"Name\n", b"Name\n\0a\n", b"\xff\xfe", b"PK\3\4"]
    )
    @pytest.mark.parametrize("media", list(MEDIA.values()))
    def test_what_is_no_table_of_these_is_refused_with_a_reason(
        self, owner: Client, path: str, raw: bytes, media: str
    ) -> None:
        answer = owner.post(path, raw=raw, headers={"Content-Type": media})
        is_empty_table = answer.status == 200 and answer.data["added"] == 0
        assert answer.status == 400 or is_empty_table, answer
