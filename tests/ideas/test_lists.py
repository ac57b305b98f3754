"""Lists of ideas: filters, search, sorting, paging, what a caller sees, and how the answer
travels (contract 4.1, 4.2, 1.3, 1.5)."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.hub import Client, TestHub, a_user
from tests.support.ideas import a_coe_idea, hand_in, idea, listed, made, move


class TestFilters:
    @pytest.fixture
    def some(self, hub: TestHub, owner: Client) -> dict[str, int]:
        hub.someone((8, 0), email="ann@example.com")
        owner.post(
            "/edituser", {"user_email": "ann@example.com", "user_business_unit": "Finance, North"}
        )
        app = owner.put(
            "/appinventory",
            [{"application_id": None, "application_name": "SAP", "categoryIds": [1]}],
        ).data["application_ids"][0]
        found = {
            "plain": hand_in(owner, process_name="Plain", category_id=9),
            "invoices": hand_in(
                owner,
                process_name="Rechnungsprüfung",
                process_description="Über SAP",
                category_id=3,
                applications=[app],
            ),
            "ann": hand_in(
                owner,
                process_name="Zahlung",
                category_id=2,
                submitter="ann@example.com",
                owner="ann@example.com",
            ),
            "coe": made(
                owner.post(
                    "/coe-automationidea", a_coe_idea(process_name="From above", category_id=5)
                )
            ),
        }
        owner.post(f"/automations/{found['plain']}/tags", {"tags": ["Quick, win", "B"]})
        assert move(owner, found["invoices"], 48).status == 201
        hub.worker.round()
        return found | {"app": app}

    @pytest.mark.parametrize(
        ("query", "wanted"),
        [
            ("", ["plain", "invoices", "ann", "coe"]),
            ("category=1", ["invoices", "ann", "coe"]),
            ("hierarchy=2", ["invoices", "ann"]),
            ("category=9,3", ["plain", "invoices"]),
            ("category=999", []),
            ("phase=2", ["coe"]),
            ("phases=1&phases=2", ["plain", "invoices", "ann", "coe"]),
            ("status=48", ["invoices"]),
            ("status=all", ["plain", "invoices", "ann", "coe"]),
            ("submissionType=2", ["coe"]),
            ("submissionType=all", ["plain", "invoices", "ann", "coe"]),
            ("bu=Finance, North", ["ann"]),
            ("tags=Quick, win", ["plain"]),
            ("tags=b&tags=none", ["plain"]),
            ("s=sap", ["invoices"]),
            ("search=RECHNUNGSPRUF", ["invoices"]),
            ("s=über sap", ["invoices"]),
            ("s=za", ["ann"]),
            ("s=lung", ["ann"]),
            ("s=nothing-like-it", []),
            ("createdEnd=1000", []),
            ("createdStart=1000", ["plain", "invoices", "ann", "coe"]),
            ("updatedStart=99999999999999", []),
            ("perpage=3&unknown=x", ["plain", "invoices", "ann", "coe"]),
        ],
    )
    def test_each_filter_finds_what_it_says(
        self, owner: Client, some: dict[str, int], query: str, wanted: list[str]
    ) -> None:
        assert listed(owner, query) == [some[name] for name in wanted]

    def test_ids_and_moments_filter_too_and_records_lead_back_to_themselves(
        self, owner: Client, some: dict[str, int]
    ) -> None:
        record = idea(owner, some["ann"])
        assert listed(owner, f"ownerId={record['process_owner_user_id']}") == [some["ann"]]
        assert listed(owner, f"submitterId={record['process_submitter_user_id']}") == [some["ann"]]
        assert listed(owner, f"applications={some['app']}") == [some["invoices"]]
        for filter_ in ("createdStart={0}&createdEnd={0}", "updatedStart={1}&updatedEnd={1}"):
            times = (record["process_created_epoch"], record["process_updated_epoch"])
            assert some["ann"] in listed(owner, filter_.format(*times))
        assert listed(owner, f"s={some['ann']}") == [some["ann"]]

    @pytest.mark.parametrize(
        "query",
        [
            "sort=nonsense",
            "limit=0",
            "limit=-1",
            "offset=-1",
            "page=x",
            "category=abc",
            "status=open",
            "createdStart=yesterday",
            "sortOrder=up",
        ],
    )
    def test_a_bad_value_of_a_known_parameter_is_refused(self, owner: Client, query: str) -> None:
        answer = owner.get(f"/automations?{query}")
        assert answer.status == 400 and query.split("=")[0] in answer.details

    def test_the_pipeline_lists_the_same(self, owner: Client, some: dict[str, int]) -> None:
        assert owner.get("/automationpipeline?pre=all").data == owner.get("/automations").data

    def test_sorting_goes_both_ways_and_breaks_ties_by_id(
        self, hub: TestHub, owner: Client, some: dict[str, int]
    ) -> None:
        for field in (
            "process_name",
            "process_overall_gauge_score",
            "process_created_epoch",
            "phase_status_id",
            "process_priority",
        ):
            up = owner.get(f"/automations?sort={field}").data["processes"]
            down = owner.get(f"/automations?sort={field}&sortOrder=desc").data["processes"]
            keys = [
                (
                    r[field] is None,
                    str(r[field]).casefold() if field == "process_name" else r[field],
                    r["process_id"],
                )
                for r in up
            ]
            assert keys == sorted(
                keys, key=lambda k: (k[0], k[1] if k[1] is not None else 0, k[2])
            ), field
            assert {r["process_id"] for r in up} == {r["process_id"] for r in down}
            lacking = [r["process_id"] for r in up if r[field] is None]
            assert [r["process_id"] for r in down if r[field] is None] == lacking, field
            assert not lacking or [r["process_id"] for r in down][-len(lacking) :] == lacking, field

    def test_a_walk_by_pages_gives_the_whole_list_once(
        self, owner: Client, some: dict[str, int]
    ) -> None:
        whole = owner.get("/automations?sort=process_name").data["processes"]
        walked: list[Any] = []
        page, total = 1, 1
        while page <= total:
            data = owner.get(f"/automations?sort=process_name&limit=3&page={page}").data
            assert (data["page"], data["pageSize"], data["totalItems"]) == (page, 3, 4)
            walked, page, total = walked + data["processes"], page + 1, data["totalPages"]
        assert walked == whole
        assert owner.get("/automations?limit=3&page=0").data["page"] == 1
        assert owner.get("/automations?limit=2&offset=3").data["page"] == 2
        beyond = owner.get("/automations?limit=3&page=9").data
        assert beyond["processes"] == [] and beyond["totalPages"] == 2


class TestWhatACallerSees:
    def test_the_categories_of_the_roles_and_ones_own_ideas(
        self, hub: TestHub, owner: Client
    ) -> None:
        finance, operations = hand_in(owner, category_id=3), hand_in(owner, category_id=17)
        narrow = hub.someone((6, 1), email="narrow@example.com")
        assert listed(narrow) == [finance]
        for path in ("", "/schema", "/scores", "/history", "/moves"):
            assert narrow.get(f"/automations/{operations}{path}").status == 404
        assert narrow.patch(f"/automations/{operations}", {"user_inputs": {}}).status == 404
        assert move(narrow, operations, 48).status == 404
        mine = hand_in(owner, category_id=17, submitter="narrow@example.com")
        wider = hub.someone((6, 1), (6, 17), email="wider@example.com")
        owned = hand_in(owner, category_id=17, owner="wider@example.com")
        narrowed = [{"role_id": 6, "category_id": 1}]
        body = {"user_email": "wider@example.com", "user_roles": narrowed}
        assert owner.post("/edituser", body).status == 201
        assert listed(narrow) == [finance, mine]
        assert listed(wider) == [finance, owned]

    def test_a_person_without_the_right_sees_only_their_own(
        self, hub: TestHub, owner: Client
    ) -> None:
        role = owner.post("/roles", {"role_name": "Clerk", "permissions": ["Manage Users"]}).data[
            "role_id"
        ]
        clerk = hub.someone((role, 0), email="clerk@example.com")
        hand_in(owner)
        mine = hand_in(owner, submitter="clerk@example.com")
        assert listed(clerk) == [mine]

    def test_live_automations_are_seen_by_those_who_may_view_automations_alone(
        self, hub: TestHub, owner: Client
    ) -> None:
        role = owner.post(
            "/roles", {"role_name": "User", "permissions": ["View an Automation"]}
        ).data["role_id"]
        viewer = hub.someone((role, 0))
        number = hand_in(owner)
        assert listed(viewer) == []
        assert move(owner, number, 91, force=1).status == 201
        assert listed(viewer) == [number]

    def test_a_deleted_idea_is_gone_for_everyone(self, hub: TestHub, owner: Client) -> None:
        number = hand_in(owner)
        assert hub.someone((5, 0)).delete(f"/automations/{number}").status == 403
        assert owner.delete(f"/automations/{number}").status == 200
        assert listed(owner) == [] and owner.get(f"/automations/{number}").status == 404

    def test_no_filter_sort_or_search_leads_outside_the_reach(
        self, hub: TestHub, owner: Client
    ) -> None:
        inside = {hand_in(owner, category_id=c, process_name=f"Shared word {c}") for c in (3, 4, 2)}
        for category in (9, 17, 20):
            hand_in(owner, category_id=category, process_name=f"Shared word {category}")
        narrow = hub.someone((6, 2))
        queries = st.builds(
            "&".join,
            st.lists(
                st.sampled_from(
                    [
                        "s=shared",
                        "s=17",
                        "category=9",
                        "category=1",
                        "status=all",
                        "submissionType=all",
                        "sort=process_name",
                        "sortOrder=desc",
                        "phase=1",
                        "ownerId=1",
                        "submitterId=1",
                        "tags=x",
                        "createdStart=1",
                        "page=1",
                        "bu=x",
                        "s=wo",
                    ]
                ),
                max_size=5,
            ),
        )

        @given(queries)
        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        def check(query: str) -> None:
            assert set(listed(narrow, query)) <= inside

        check()


class TestLeavers:
    def test_a_leavers_ideas_go_to_the_successor(self, hub: TestHub, owner: Client) -> None:
        leaver, heir = (
            hub.person((8, 0), email="leaver@example.com"),
            hub.person((8, 0), email="heir@example.com"),
        )
        number = hand_in(owner, owner="leaver@example.com", submitter="leaver@example.com")
        moved = owner.post(f"/users/{leaver}/reassign", {"to_user_id": heir, "deactivate": 1}).data
        assert moved["ideas"] == 1
        record = idea(owner, number)
        assert (
            record["owner"]["user_id"] == heir and record["process_submitter"]["user_id"] == leaver
        )


class TestHowItTravels:
    def test_an_unchanged_answer_is_a_304_and_any_change_another_tag(
        self, hub: TestHub, owner: Client
    ) -> None:
        number = hand_in(owner)
        first = owner.get("/automations")
        tag = first.headers["etag"]
        again = owner.get("/automations", headers={"If-None-Match": tag})
        assert again.status == 304 and again.raw == b""
        assert owner.get("/automations?limit=5", headers={"If-None-Match": tag}).status == 200
        assert hub.someone((6, 0)).get("/automations", headers={"If-None-Match": tag}).status == 200
        for change in (
            lambda: owner.post(f"/automations/{number}/tags", {"tags": ["x"]}),
            lambda: owner.post(
                "/edituser", {"user_email": "owner@example.com", "user_last_name": "Neu"}
            ),
            lambda: move(owner, number, 48),
            lambda: owner.post("/adduser", a_user()),
        ):
            tag = owner.get("/automations").headers["etag"]
            change()
            assert owner.get("/automations", headers={"If-None-Match": tag}).status == 200

    def test_gzip_when_asked_and_the_same_bytes_inside(self, hub: TestHub, owner: Client) -> None:
        for _ in range(3):
            hand_in(owner)
        plain = owner.get("/automations", headers={"Accept-Encoding": "identity"})
        packed = owner.get("/automations", headers={"Accept-Encoding": "gzip"})
        assert (
            packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
        )
        assert packed.raw == plain.raw and len(packed.raw) > 1000
        assert (
            "content-encoding"
            not in owner.get("/automations", headers={"Accept-Encoding": "gzip;q=0"}).headers
        )

    def test_a_long_list_is_streamed_whole(self, hub: TestHub, owner: Client) -> None:
        text = "long " * 2000
        numbers = [hand_in(owner, process_description=text) for _ in range(40)]
        answer = owner.get("/automations?limit=30000&offset=0")
        assert [r["process_id"] for r in answer.data["processes"]] == numbers and len(
            answer.raw
        ) > 400_000
        assert json.loads(gzip.decompress(gzip.compress(answer.raw)))["message"] == "Success"
