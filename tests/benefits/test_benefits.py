"""Cost-benefit analysis, currencies and runs (contract 4.7, 5.3)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, hand_in, idea, made

from autohub.benefits import money
from autohub.benefits.setup import CurrencyConverter

CENTS = st.integers(-(10**11), 10**11)
DAYS = st.dates(date(1970, 1, 1), date(2100, 12, 31))


class TestMoney:
    @given(st.integers(0, 10**11), CENTS)
    def test_cumulative_is_the_sum_of_the_months_and_twelve_months_are_the_year(
        self, one_time: int, net: int
    ) -> None:
        sums = money.cumulative_earnings(one_time, net)
        months = [money.monthly_earning(net, month) for month in range(1, 25)]
        assert sum(months[:12]) == sum(months[12:]) == net and sums[0] == -one_time
        assert all(sums[t] == -one_time + sum(months[:t]) for t in range(25))

    @given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
    def test_break_even_is_the_first_month_not_below_zero(
        self, one_time: float, running: float, benefit: float
    ) -> None:
        result = money.analyze(one_time=one_time, running=running, benefit=benefit)
        sums = money.cumulative_earnings(
            money.to_cents(one_time), money.to_cents(benefit) - money.to_cents(running)
        )
        first = result.break_even_month
        assert all(amount < 0 for amount in sums[:first]) and (first is None or sums[first] >= 0)

    @given(st.floats(0, 1e9), st.floats(0.01, 1e6))
    def test_a_currency_there_and_back_is_the_same(self, amount: float, rate: float) -> None:
        exchange = CurrencyConverter.__new__(CurrencyConverter)
        exchange.currency, exchange._rates, exchange._now = "USD", {"EUR": [(0, rate)]}, 1
        there = exchange.to_default(amount, "EUR")
        assert exchange.from_default(there, "EUR") == pytest.approx(amount, rel=1e-9)

    def test_an_example_by_hand(self) -> None:
        result = money.analyze(one_time=9600, running=16000, benefit=40000)
        assert result.net_per_year == 24000 and result.cumulative[:6] == [
            -9600,
            -7600,
            -5600,
            -3600,
            -1600,
            400,
        ]
        assert (
            result.break_even_month == 5
            and result.roi["1"] == round(14400 / 25600, 4)
            and result.roi["3"] == round(62400 / 57600, 4)
        )

    def test_empty_denominators_are_null(self) -> None:
        nothing = money.analyze(one_time=0, running=0, benefit=0)
        assert set(nothing.roi.values()) == {None} and nothing.break_even_month == 0
        unknown = money.analyze(one_time=5, running=0, benefit=None)
        assert unknown.net_per_year is unknown.break_even_month is None and unknown.cumulative == []

    @given(DAYS, st.integers(0, 400))
    def test_working_days_are_counted_one_by_one(self, start: date, length: int) -> None:
        days = [start + timedelta(days=i) for i in range(length + 1)]
        assert money.working_days(start, days[-1]) == sum(day.weekday() < 5 for day in days)
        following = money.next_working_day(start)
        assert (
            following.weekday() < 5
            and money.working_days(start + timedelta(days=1), following) == 1
        )

    @given(DAYS, DAYS)
    def test_late_one_way_is_early_the_other(self, planned: date, real: date) -> None:
        assert money.delay(planned, real) == -money.delay(real, planned)


BASELINE = {
    "phases": [
        {
            "phase_id": 4,
            "start": "2026-01-05",
            "end": "2026-01-16",
            "person_days": 10,
            "day_rate": 500,
            "currency": "USD",
        },
        {"phase_id": 6, "end": "2026-02-06", "person_days": 5, "day_rate": 400, "currency": "EUR"},
    ],
    "launch_date": "2026-03-01",
}


def fields(document: dict[str, Any], *path: str) -> dict[str, Any]:
    """The lines of one section of GET /cba."""
    node = document
    for title in path:
        node = next(section for section in node["sections"] if section["title"] == title)
    return {line["field_name"]: line["value"] for line in node["input_fields"]}


@pytest.fixture
def coe(owner: Client) -> int:
    owner.post("/cost-setup/rates", {"currency": "EUR", "rate": 1.5, "valid_from": "2026-01-01"})
    return made(owner.post("/coe-automationidea", a_coe_idea()))


class TestTheAnalysis:
    def test_plan_costs_and_benefits_come_together(
        self, hub: TestHub, owner: Client, coe: int
    ) -> None:
        answer = owner.put(f"/automations/cba/{coe}/project-plan-baseline", BASELINE)
        assert (answer.status, answer.message) == (200, "Resource Updated") and answer.data[
            "baseline_is_set"
        ] == 1
        rows = {row["phase_id"]: row for row in answer.data["plan"]}
        assert rows[4]["baseline_working_days"] == 10 and rows[6]["baseline_start"] == "2026-01-19"
        price = owner.post(
            "/cost-setup/prices",
            {
                "kind": "licence",
                "vendor_name": "V",
                "price_name": "Robot",
                "price": 1000,
                "currency": "EUR",
            },
        )
        costs = [
            {
                "kind": "running",
                "cost_type": "licence",
                "quantity": 2,
                "price_id": price.data["price_id"],
            },
            {"kind": "running", "cost_type": "support", "cost_name": "Hotline", "unit_price": 200},
            {"kind": "one_time", "cost_name": "Server", "unit_price": 1000},
        ]
        found = owner.put(f"/automations/{coe}/cba/costs", {"costs": costs}).data
        result = found["result"]
        assert (
            result["one_time"] == 10 * 500 + 5 * 400 * 1.5 + 1000
            and result["running_per_year"] == 2 * 1000 * 1.5 + 200
        )
        assert result["benefit_per_year"] == 5156.25 and result["net_per_year"] == 1956.25
        record = idea(owner, coe)
        assert (record["number_of_robots"], record["running_cost"], record["software_vendor"]) == (
            2,
            3200,
            "V: Robot",
        )
        final = owner.put(
            f"/automations/{coe}/cba/benefits",
            {"benefit_currency_final": 100000, "ease_final": "Medium"},
        ).data
        assert final["result"]["net_per_year"] == 96800 and final["result"]["break_even_month"] == 2
        document = owner.get(f"/cba?id={coe}'").data
        assert (
            document["baseline_is_set"] == 1 and document["sections"][0]["title"] == "Project Plan"
        )
        assert fields(document, "Project Plan", "Ease of Implementation") == {
            "Estimated by Algorithm": "Easy",
            "Final": "Medium",
        }
        assert fields(document, "Project Plan", "Analysis")["Baseline Working Days"] == 10
        assert (
            fields(document, "Net Benefit")["Break-even Month"] == 2
            and fields(document, "Costs", "Running Costs")["Total per Year"] == 3200
        )
        assert owner.get(f"/automations/{coe}/cba").data == final

    def test_what_became_of_a_phase_shows_its_delay_and_survives_a_new_baseline(
        self, owner: Client, coe: int
    ) -> None:
        owner.put(f"/automations/cba/{coe}/project-plan-baseline", BASELINE)
        rows = owner.get(f"/automations/{coe}/cba").data["plan"]
        rows[0]["actual_end"] = "2026-01-23"
        changed = owner.put(f"/automations/{coe}/cba/plan", {"phases": rows}).data
        assert changed["plan"][0]["delta_working_days"] == 5 and changed["baseline_is_set"] == 1
        again = owner.put(
            f"/automations/cba/{coe}/project-plan-baseline",
            {"phases": [{"phase_id": 4, "end": "2026-01-20"}]},
        ).data
        assert (
            again["plan"][0]["actual_end"] == "2026-01-23"
            and again["plan"][0]["delta_working_days"] == 3
        )
        assert again["plan"][0]["person_days"] == 10 and len(again["plan"]) == 2

    def test_without_a_benefit_there_is_no_net(self, owner: Client) -> None:
        result = owner.get(f"/automations/{hand_in(owner)}/cba").data["result"]
        assert (
            result["net_per_year"] is None
            and result["break_even_month"] is None
            and result["cumulative"] == []
        )

    @pytest.mark.parametrize(
        ("path", "body", "wrong"),
        [
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 3, "end": "2026-01-01"}]},
                ["phases.0.phase_id"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "end": "1969-12-31"}]},
                ["phases.0.end"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "start": "2026-02-30", "end": "2101-01-01"}]},
                ["phases.0.start", "phases.0.end"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "start": "2026-02-02", "end": "2026-02-01"}]},
                ["phases.0.baseline_end"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "end": "01.02.2026"}]},
                ["phases.0.end"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "end": "2026-02-01", "currency": "CHF"}]},
                ["phases.0.currency"],
            ),
            (
                "cba/{0}/project-plan-baseline",
                {"phases": [{"phase_id": 4, "end": "2026-02-01"}] * 2},
                ["phases.1.phase_id"],
            ),
            (
                "{0}/cba/costs",
                {"costs": [{"kind": "running", "unit_price": 1, "currency": "CHF"}]},
                ["costs.0.currency"],
            ),
            ("{0}/cba/costs", {"costs": [{"kind": "running"}]}, ["costs.0.unit_price"]),
            ("{0}/cba/costs", {"costs": [{"kind": "never", "unit_price": -1}]}, ["costs.0.kind"]),
            (
                "{0}/cba/costs",
                {"costs": [{"kind": "running", "unit_price": -1}]},
                ["costs.0.unit_price"],
            ),
            (
                "{0}/cba/costs",
                {"costs": [{"kind": "running", "price_id": 9}]},
                ["costs.0.price_id"],
            ),
            ("{0}/cba/benefits", {"launch_date": "2200-01-01"}, ["launch_date"]),
        ],
    )
    def test_what_is_not_right_is_named_and_nothing_is_written(
        self, owner: Client, coe: int, path: str, body: Any, wrong: list[str]
    ) -> None:
        before = owner.get(f"/automations/{coe}/cba").data
        answer = owner.put(f"/automations/{path.format(coe)}", body)
        assert answer.status == 400 and set(wrong) <= set(answer.details), answer
        assert owner.get(f"/automations/{coe}/cba").data == before

    def test_who_may(self, hub: TestHub, owner: Client, tenant: Client, coe: int) -> None:
        lead = hub.someone((8, 0), email="lead@example.com")
        mine = hand_in(owner, owner="lead@example.com")
        assert (
            tenant.get(f"/cba?id={coe}").status == 200
            and tenant.put(f"/automations/{coe}/cba/costs", {"costs": []}).status == 403
        )
        assert (
            lead.get(f"/cba?id={coe}").status == 403 and lead.get(f"/cba?id={mine}").status == 200
        )
        assert lead.put(f"/automations/{mine}/cba/costs", {"costs": []}).status == 200
        assert (
            hub.someone((3, 0)).get(f"/cba?id={coe}").status == 200
            and hub.someone((4, 0)).get(f"/cba?id={coe}").status == 403
        )
        assert hub.someone((3, 9)).get(f"/cba?id={coe}").status == 404
        assert [
            owner.get(path).status for path in ("/cba", "/cba?id=", "/cba?id=x", "/cba?id=999")
        ] == [400, 400, 400, 404]


class TestCostSetup:
    def test_rates_have_a_history_and_amounts_keep_their_currency(
        self, hub: TestHub, owner: Client
    ) -> None:
        owner.post("/cost-setup/rates", {"currency": "EUR", "rate": 2, "valid_from": "2026-02-01"})
        found = owner.post(
            "/cost-setup/rates", {"currency": "EUR", "rate": 1, "valid_from": "2026-01-01"}
        ).data
        assert [(r["rate"], r["valid_from"]) for r in found["rates"]] == [
            (1, "2026-01-01"),
            (2, "2026-02-01"),
        ]
        with hub.database.reading() as db:
            exchange = CurrencyConverter(db, 1_800_000_000_000)
            day = 86_400_000
            january, february = 1_767_225_600_000, 1_769_904_000_000
            assert [
                exchange.rate("EUR", at=at)
                for at in (january - day, january, february - 1, february)
            ] == [1, 1, 1, 2]
        assert owner.patch("/cost-setup", {"currency": "EUR"}).status == 409
        assert (
            owner.post(
                "/cost-setup/rates", {"currency": "USD", "rate": 1, "valid_from": "2026-01-01"}
            ).status
            == 400
        )

    def test_a_fresh_hub_may_choose_its_currency_and_working_time(
        self, hub: TestHub, owner: Client
    ) -> None:
        assert owner.get("/cost-setup").data["currency"] == "USD"
        changed = owner.patch(
            "/cost-setup", {"currency": "EUR", "working_days": 200, "working_hours": 7.5}
        ).data
        assert (changed["currency"], changed["working_days"], changed["working_hours"]) == (
            "EUR",
            200,
            7.5,
        )
        for body in ({"currency": "euro"}, {"working_days": 0}, {"working_hours": 25}):
            assert owner.patch("/cost-setup", body).status == 400

    def test_prices_are_added_and_deleted(self, owner: Client) -> None:
        new = {
            "kind": "day_rate",
            "vendor_name": "Developer",
            "price_name": "Day",
            "price": 800,
            "currency": "USD",
        }
        price = owner.post("/cost-setup/prices", new).data["price_id"]
        assert owner.get("/cost-setup").data["prices"][0]["price"] == 800
        assert (
            owner.delete(f"/cost-setup/prices/{price}").status == 200
            and owner.delete(f"/cost-setup/prices/{price}").status == 404
        )
        assert owner.post("/cost-setup/prices", new | {"currency": "CHF"}).status == 400


class TestRuns:
    def test_planned_against_actual_by_month(self, owner: Client, coe: int) -> None:
        owner.put(
            f"/automations/{coe}/cba/benefits",
            {"launch_date": "2026-06-01", "benefit_hours_final": 1200},
        )
        june = 1_780_272_000
        many = [
            {
                "started_epoch": june + day * 86400,
                "runs": 10,
                "failed": 1,
                "minutes_saved": 60,
                "cost_saved": 5,
                "run_key": f"d{day}",
            }
            for day in range(10)
        ]
        path = f"/automations/{coe}/runs"
        assert owner.post(path, many).data == {"stored": 10}
        assert owner.post(path, many[0] | {"minutes_saved": 120, "currency": "EUR"}).data == {
            "stored": 1
        }
        assert owner.get(path).data["totalItems"] == 10
        found = owner.get(f"/automations/{coe}/benefits").data
        first = found["months"][0]
        assert first["month"] == "2026-06" and (first["planned_hours"], first["actual_hours"]) == (
            100,
            11,
        )
        assert (
            first["actual_benefit"] == 9 * 5 + 5 * 1.5
            and found["runs"] == 100
            and found["failed"] == 10
        )
        assert found["actual_hours"] == sum(m["actual_hours"] for m in found["months"])

    def test_the_execution_assessment_says_what_a_run_saves(self, owner: Client, coe: int) -> None:
        run = {"started_epoch": 1_780_272_000_000, "runs": 4, "failed": 1}
        refused = owner.post(f"/automations/{coe}/runs", [run])
        assert refused.status == 400 and "0.minutes_saved" in refused.details
        inputs = {
            "EX": {
                "s": {
                    "EX-MINUTES_SAVED_PER_RUN": {"value": 20},
                    "EX-COST_SAVED_PER_RUN": {"value": 7},
                }
            }
        }
        owner.patch(f"/automations/{coe}", {"user_inputs": inputs})
        assert owner.post(f"/automations/{coe}/runs", [run]).status == 201
        found = owner.get(f"/automations/{coe}/benefits").data
        assert (found["actual_hours"], found["actual_benefit"]) == (1, 21)

    @pytest.mark.parametrize(
        ("run", "field"),
        [
            ({"started_epoch": 1, "minutes_saved": 1, "runs": 0}, "0.runs"),
            ({"started_epoch": 1, "minutes_saved": 1, "failed": 2}, "0.failed"),
            ({"started_epoch": 9_000_000_000_000, "minutes_saved": 1}, "0.started_epoch"),
            ({"started_epoch": 1, "minutes_saved": 1, "currency": "CHF"}, "0.currency"),
            ({"minutes_saved": 1}, "0.started_epoch"),
        ],
    )
    def test_what_is_not_right_is_named(
        self, owner: Client, coe: int, run: dict[str, Any], field: str
    ) -> None:
        answer = owner.post(f"/automations/{coe}/runs", [run])
        assert answer.status == 400 and field in answer.details
        assert owner.get(f"/automations/{coe}/runs").data["totalItems"] == 0
