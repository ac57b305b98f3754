"""The arithmetic of the cost-benefit analysis (contract 5.3), in whole cents so that months add
up to years exactly."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

HORIZON_MONTHS = 120
"""How far ahead a break-even is looked for."""


class Earnings(msgspec.Struct):
    """Amounts are in the default currency. `cumulative[t]` is what is earned `t` months after
    the launch, [0] being the one-time cost as a negative; `break_even_month` is the first month
    not below zero, null when there is none in ten years; `roi` is by years, null where nothing
    is spent."""

    one_time: float
    running_per_year: float
    benefit_per_year: float | None
    net_per_year: float | None
    cumulative: list[float]
    break_even_month: int | None
    roi: dict[str, float | None]


def to_cents(amount: float) -> int:
    return round(amount * 100)


def analyze(*, one_time: float, running: float, benefit: float | None) -> Earnings:
    """The analysis of one idea; `running` and `benefit` are a year's. Without a benefit there is
    no net, no break-even, no ROI."""
    if benefit is None:
        return Earnings(
            one_time=to_cents(one_time) / 100,
            running_per_year=to_cents(running) / 100,
            benefit_per_year=None,
            net_per_year=None,
            cumulative=[],
            break_even_month=None,
            roi={},
        )
    spent, net = to_cents(one_time), to_cents(benefit) - to_cents(running)
    sums = cumulative_earnings(spent, net)
    first = next((month for month, amount in enumerate(sums) if amount >= 0), None)
    roi = {
        str(year): _ratio(sums[12 * year], spent + to_cents(running) * year)
        for year in (1, 2, 3, 5)
    }
    shown = [amount / 100 for amount in sums[: 12 * 5 + 1]]
    return Earnings(
        one_time=spent / 100,
        running_per_year=to_cents(running) / 100,
        benefit_per_year=to_cents(benefit) / 100,
        net_per_year=net / 100,
        cumulative=shown,
        break_even_month=first,
        roi=roi,
    )


def monthly_earning(net_per_year: int, month: int) -> int:
    """What month 1, 2, … brings, in cents; twelve of them are the year's to the cent."""
    return net_per_year * month // 12 - net_per_year * (month - 1) // 12


def cumulative_earnings(one_time: int, net_per_year: int) -> list[int]:
    """Month by month from the launch, in cents."""
    sums = [-one_time]
    for month in range(1, HORIZON_MONTHS + 1):
        sums.append(sums[-1] + monthly_earning(net_per_year, month))
    return sums


def _ratio(earned: int, spent: int) -> float | None:
    return round(earned / spent, 4) if spent > 0 else None


# --- currencies ---


def rate_at(rates: Sequence[tuple[int, float]], epoch: int) -> float | None:
    """The rate in force at a time, of (valid from, rate) in the order of time; None before the
    first."""
    found = None
    for valid_from, rate in rates:
        if valid_from <= epoch:
            found = rate
    return found


# --- working days ---


def working_days(start: date, end: date) -> int:
    """Mondays to Fridays from `start` to `end`, both counted; 0 when the end is before the
    start."""
    if end < start:
        return 0
    days = (end - start).days + 1
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((start.weekday() + i) % 7 < 5 for i in range(rest))


def next_working_day(day: date) -> date:
    following = day + timedelta(days=1)
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return following


def delay(planned: date, real: date) -> int:
    """Working days by which `real` is later than `planned`; negative when it is earlier."""
    if real >= planned:
        return working_days(planned, real) - working_days(planned, planned)
    return -delay(real, planned)
