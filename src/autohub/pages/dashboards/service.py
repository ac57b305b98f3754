"""Figures and charts out of what the store finds; every chart is also a table."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from autohub.audit.store import current_state
from autohub.benefits.setup import CurrencyConverter
from autohub.db.engine import Reading
from autohub.db.totals import keep_total
from autohub.flows import store as flows
from autohub.flows.model import StatusId
from autohub.kit.clock import DAY, HOUR
from autohub.pages.dashboards import store
from autohub.pages.dashboards.store import Scope
from autohub.web.reader import Reader

DECIDED = (int(StatusId.QUALIFICATION_APPROVED), int(StatusId.QUALIFICATION_REJECTED))
YEAR_HOURS = 8760
UNITS_SHOWN = 12


class Series(NamedTuple):
    name: str
    values: list[float | None]
    hrefs: list[str] = []  # noqa: RUF012 - never changed
    stack: str = ""
    line: bool = False


class Chart(NamedTuple):
    """One chart: `labels` along it, a value of each series for each of them; `codes` stand for
    the labels where programs read."""

    key: str
    title: str
    unit: str
    labels: list[str]
    series: list[Series]
    horizontal: bool = False
    note: str = ""
    codes: Sequence[str] = ()

    @property
    def data(self) -> dict[str, Any]:
        """As charts.js draws it."""
        drawn = [
            {"name": s.name, "values": s.values, "hrefs": s.hrefs, "stack": s.stack, "line": s.line}
            for s in self.series
        ]
        said = {
            "kind": "bars",
            "labels": self.labels,
            "unit": self.unit,
            "horizontal": self.horizontal,
            "inTime": bool(self.codes),
        }
        return said | {"series": drawn}

    def rows(self) -> list[list[str]]:
        """The table that says the same."""
        return [
            [label, *(_plain(s.values[place]) for s in self.series)]
            for place, label in enumerate(self.codes or self.labels)
        ]


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".removesuffix(".0")


class Figure(NamedTuple):
    """A number, and how it was in the period before (None: not comparable)."""

    name: str
    value: float
    before: float | None
    href: str
    unit: str = ""
    note: str = ""


class Dashboard(NamedTuple):
    figures: Sequence[Figure]
    charts: Sequence[Chart]


def show_dashboard(db: Reading, scope: Scope, text: Reader) -> Dashboard:
    """All figures and charts, which add up every idea that the reader may see: once, and again when
    something has changed or the period is another one."""
    caller = scope.caller
    reader = (caller.user_id, caller.grants, text.language, text.tag, str(text.zone))
    key = ("dashboard", reader, tuple(scope.category_ids), scope.since, scope.until)
    return keep_total(
        db,
        current_state(db),
        key,
        lambda: Dashboard(
            compute_figures(db, scope, text), build_charts(db, scope, text, now=scope.until)
        ),
    )


def compute_figures(db: Reading, scope: Scope, text: Reader) -> list[Figure]:
    """Ideas in, decided, live, and this year's benefit, each against the period of equal length
    before."""
    length = scope.until - scope.since
    earlier = scope._replace(since=scope.since - length, until=scope.since - 1)
    now, then = (
        [what for _, what in store.list_events(db, each, decided=DECIDED)]
        for each in (scope, earlier)
    )
    names = (("in", text("Ideas in")), ("out", text("Decided")), ("live", text("Went live")))
    came, live = (
        _pipeline(scope, since=scope.since, until=scope.until),
        _pipeline(scope, view="live"),
    )
    links = {"in": came, "out": _pipeline(scope, phase=3), "live": live}
    found = [
        Figure(name=name, value=now.count(key), before=then.count(key), href=links[key])
        for key, name in names
    ]
    saved, planned = _hours_saved(db, scope)
    this_year, planned_this_year = _hours_saved(
        db, scope._replace(since=start_of_period("year", scope.until, text.zone))
    )
    said = {"planned": planned, "year": this_year, "planned_year": planned_this_year}
    note = text("of %(planned)s planned; this year %(year)s of %(planned_year)s") % {
        name: text.number(n) for name, n in said.items()
    }
    return [
        *found,
        Figure(name=text("Hours saved"), value=saved, before=None, href=live, note=note),
    ]


def _hours_saved(db: Reading, scope: Scope) -> tuple[float, float]:
    """The hours that live automations saved within a period, and those that they were to save."""
    planned = sum(
        _planned_hours(since, hours, scope.since, scope.until)
        for since, hours in store.live_since(db, scope)
    )
    return sum(hours for _, hours in store.list_runs(db, scope)), planned


def start_of_period(unit: str, now: int, zone: ZoneInfo) -> int:
    """When the month, quarter or year of a moment began where the reader is, as everything by
    month here."""
    at = datetime.fromtimestamp(now / 1000, zone)
    month = {"month": at.month, "quarter": (at.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return int(
        at.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000
    )


def _planned_hours(live: int, hours: float, since: int, until: int) -> float:
    """The part of a year's hours that falls between two moments, counted from when the
    automation went live."""
    return hours * max(0, until - max(live, since)) / HOUR / YEAR_HOURS


def _pipeline(scope: Scope, **values: Any) -> str:
    pairs = [*values.items(), *(("category", category_id) for category_id in scope.category_ids)]
    return f"/pipeline?{urlencode(pairs)}"


def build_charts(db: Reading, scope: Scope, text: Reader, *, now: int) -> list[Chart]:
    return [
        pipeline_chart(db, scope, text),
        throughput_chart(db, scope, text),
        benefit_chart(db, scope, text),
        cycle_time_chart(db, scope, text),
        participation_chart(db, scope, text),
        costs_chart(db, scope, text, now=now),
    ]


def pipeline_chart(db: Reading, scope: Scope, text: Reader) -> Chart:
    """How many ideas are in each phase now, by business area."""
    tops = store.top_categories(db)
    counts: dict[tuple[int, int], int] = {}
    names: dict[int, str] = {}
    for phase_id, category_id, n, _ in store.count_by_phase_and_category(db, scope):
        top, name = tops[category_id]
        names[top] = name
        counts[phase_id, top] = counts.get((phase_id, top), 0) + n
    phases = [row for row in flows.list_phases(db) if any(key[0] == row.phase_id for key in counts)]
    series = [
        Series(
            name,
            [counts.get((row.phase_id, top), 0) for row in phases],
            [f"/pipeline?phase={row.phase_id}&category={top}" for row in phases],
            stack="all",
        )
        for top, name in sorted(names.items(), key=lambda pair: pair[1])
    ]
    return Chart(
        key="pipeline",
        title=text("Pipeline by phase and business area, now"),
        unit=text("ideas"),
        labels=[text(row.phase_name) for row in phases],
        series=series,
    )


def _months(scope: Scope, zone: ZoneInfo) -> list[tuple[str, int, int]]:
    """Each month of the period: its name 'YYYY-MM', and its first and last millisecond within
    the period."""
    at = datetime.fromtimestamp(scope.since / 1000, zone).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    found = []
    while (start := int(at.timestamp() * 1000)) <= scope.until:
        following = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
        end = int(following.timestamp() * 1000) - 1
        found.append((at.strftime("%Y-%m"), max(start, scope.since), min(end, scope.until)))
        at = following
    return found


def _monthly_chart(months: Sequence[tuple[str, int, int]], chart: Chart, text: Reader) -> Chart:
    """A chart with the months along it, as the reader names them."""
    names = [name for name, _, _ in months]
    return chart._replace(labels=[text.month(name) for name in names], codes=names)


def _group_by_month(
    months: Sequence[tuple[str, int, int]], events: Sequence[tuple[int, float]]
) -> list[float]:
    sums = [0.0] * len(months)
    starts = [start for _, start, _ in months]
    for at, value in events:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at <= months[place][2]:
            sums[place] += value
    return sums


def throughput_chart(db: Reading, scope: Scope, text: Reader) -> Chart:
    """Ideas that came in, were decided and went live, by month."""
    months, found = _months(scope, text.zone), store.list_events(db, scope, decided=DECIDED)
    links = [_pipeline(scope, since=start, until=end) for _, start, end in months]
    names = (("in", text("Came in")), ("out", text("Decided")), ("live", text("Went live")))
    series = [
        Series(
            name,
            [*_group_by_month(months, [(at, 1.0) for at, what in found if what == key])],
            links if key == "in" else [],
        )
        for key, name in names
    ]
    return _monthly_chart(
        months,
        Chart(
            key="throughput",
            title=text("Throughput by month"),
            unit=text("ideas"),
            labels=[],
            series=series,
        ),
        text,
    )


def benefit_chart(db: Reading, scope: Scope, text: Reader) -> Chart:
    """Hours that live automations were to save and did save, by month."""
    months = _months(scope, text.zone)
    live, ran = store.live_since(db, scope), store.list_runs(db, scope)
    planned: list[float | None] = [
        round(sum(_planned_hours(since, hours, start, end) for since, hours in live), 1)
        for _, start, end in months
    ]
    actual: list[float | None] = [round(value, 1) for value in _group_by_month(months, ran)]
    links = [_pipeline(scope, view="live")] * len(months)
    series = [
        Series(text("Planned"), planned, links, line=True),
        Series(text("Actual"), actual, links),
    ]
    return _monthly_chart(
        months,
        Chart(
            key="benefit",
            title=text("Benefit planned against actual, by month"),
            unit=text("hours"),
            labels=[],
            series=series,
        ),
        text,
    )


def cycle_time_chart(db: Reading, scope: Scope, text: Reader) -> Chart:
    """How long ideas were in each phase that they left within the period: median and 90th
    percentile, in days."""
    took: dict[int, list[int]] = {}
    for phase_id, milliseconds in store.list_phase_durations(db, scope):
        took.setdefault(phase_id, []).append(milliseconds)
    phases = [row for row in flows.list_phases(db) if row.phase_id in took]
    links = [_pipeline(scope, phase=row.phase_id) for row in phases]
    halves: list[float | None] = [
        round(percentile(took[row.phase_id], 0.5) / DAY, 1) for row in phases
    ]
    most: list[float | None] = [
        round(percentile(took[row.phase_id], 0.9) / DAY, 1) for row in phases
    ]
    series = [Series(text("Median"), halves, links), Series(text("90 of 100 ideas"), most, links)]
    return Chart(
        key="cycle",
        title=text("Cycle time per phase"),
        unit=text("days"),
        labels=[text(row.phase_name) for row in phases],
        series=series,
    )


def percentile(values: Sequence[int], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed (nearest rank)."""
    return float(sorted(values)[max(0, math.ceil(share * len(values)) - 1)])


def participation_chart(db: Reading, scope: Scope, text: Reader) -> Chart:
    """Ideas and people by business unit."""
    found = store.count_participation(db, scope, limit=UNITS_SHOWN)
    links = [
        _pipeline(
            scope, since=scope.since, until=scope.until, **({"bu": name} if name != "–" else {})
        )
        for name, _, _ in found
    ]
    series = [
        Series(text("Ideas"), [n for _, n, _ in found], links),
        Series(text("People"), [who for _, _, who in found]),
    ]
    return Chart(
        key="participation",
        title=text("Participation by business unit"),
        unit="",
        labels=[name for name, _, _ in found],
        series=series,
        horizontal=True,
    )


def costs_chart(db: Reading, scope: Scope, text: Reader, *, now: int) -> Chart:
    """What the automations of each business area cost, once and a year, in the default currency
    at today's rates."""
    tops, exchange = store.top_categories(db), CurrencyConverter(db, now)
    sums: dict[tuple[int, str], float] = {}
    for category_id, kind, currency, amount in store.sum_costs(db, scope):
        key = (tops[category_id][0], kind)
        sums[key] = sums.get(key, 0.0) + exchange.to_default(amount, currency)
    names = {top: name for top, name in tops.values() if any(key[0] == top for key in sums)}
    places = sorted(names, key=lambda top: names[top])
    links = [f"/pipeline?category={top}" for top in places]
    kinds = (("one_time", text("Once")), ("running", text("A year")))
    series = [
        Series(name, [round(sums.get((top, kind), 0.0)) for top in places], links)
        for kind, name in kinds
    ]
    return Chart(
        key="costs",
        title=text("Costs by business area"),
        unit=exchange.currency,
        labels=[names[top] for top in places],
        series=series,
    )
