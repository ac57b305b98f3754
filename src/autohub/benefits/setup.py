"""Cost Setup: the default currency, rates with their history, prices, and a person's working
time (contract 5.3)."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from autohub.access.model import Caller, actor
from autohub.audit import store as audit
from autohub.benefits import money, store
from autohub.benefits.model import CostSetup, CostSetupChange, NewPrice, Price, Rate, parse_day
from autohub.db.engine import Reading, Writing
from autohub.kit.errors import Conflict, Invalid, NotFound
from autohub.kit.sentences import say

DEFAULTS = {"currency": "USD", "working_days": "220", "working_hours": "8"}


class CurrencyConverter:
    """Conversions into the default currency, at the rates known at `now` unless told otherwise."""

    def __init__(self, db: Reading, now: int) -> None:
        self._settings = DEFAULTS | store.get_settings(db)
        self.currency = self._settings["currency"]
        self._rates, self._now = store.list_rates(db), now

    @property
    def hours_per_year(self) -> float:
        """What somebody works in a year."""
        return float(self._settings["working_days"]) * float(self._settings["working_hours"])

    def rate(self, currency: str | None, *, at: int | None = None) -> float | None:
        """What one unit is worth; before the first rate that one counts, None for a currency
        that has none."""
        if currency is None or currency == self.currency:
            return 1.0
        history = self._rates.get(currency)
        if not history:
            return None
        return money.rate_at(history, self._now if at is None else at) or history[0][1]

    def to_default(self, amount: float, currency: str | None, *, at: int | None = None) -> float:
        return amount * (self.rate(currency, at=at) or 0.0)

    def from_default(
        self, amount: float, currency: str | None, *, at: int | None = None
    ) -> float | None:
        rate = self.rate(currency, at=at)
        return None if rate is None else amount / rate

    def check(self, currency: str | None, path: str, faults: dict[str, list[str]]) -> None:
        """Notes a currency without a rate as a fault."""
        if self.rate(currency) is None:
            faults[path] = [
                say("{currency} has no rate; POST /cost-setup/rates sets one.", currency=currency)
            ]


def get_setup(db: Reading) -> CostSetup:
    values = DEFAULTS | store.get_settings(db)
    rates = [
        Rate(currency, rate, _day(at))
        for currency, history in store.list_rates(db).items()
        for at, rate in history
    ]
    return CostSetup(
        currency=values["currency"],
        working_days=float(values["working_days"]),
        working_hours=float(values["working_hours"]),
        rates=rates,
        prices=list(store.list_prices(db).values()),
    )


def update_setup(db: Writing, caller: Caller, wanted: CostSetupChange, *, now: int) -> CostSetup:
    """Raises Conflict for another default currency while amounts are kept in currencies, whose
    rates would lose their meaning."""
    before = get_setup(db)
    values: dict[str, Any] = msgspec.to_builtins(wanted)
    if values.get("currency", before.currency) != before.currency and store.has_money(db):
        raise Conflict(
            "Amounts, prices or rates are kept already; the default currency stays as it is."
        )
    for name, value in values.items():
        store.set_setting(db, name, str(value))
    old = {name: getattr(before, name) for name in values}
    audit.record(
        db,
        actor(caller),
        "change cost setup",
        "cost_setup",
        None,
        now=now,
        before=old,
        after=values,
    )
    return get_setup(db)


def set_rate(db: Writing, caller: Caller, wanted: Rate, *, now: int) -> CostSetup:
    """Adds a rate to a currency's history, or replaces that day's. Raises Invalid."""
    faults: dict[str, list[str]] = {}
    day = parse_day(wanted.valid_from, "valid_from", faults)
    if wanted.currency == get_setup(db).currency:
        faults["currency"] = [
            say("{currency} is the default currency; its rate is 1.", currency=wanted.currency)
        ]
    if faults or day is None:
        raise Invalid("The rate is not right.", details=faults)
    store.set_rate(db, wanted.currency, _epoch(day), wanted.rate)
    audit.record(
        db,
        actor(caller),
        "set currency rate",
        "cost_setup",
        None,
        now=now,
        after=msgspec.to_builtins(wanted),
    )
    return get_setup(db)


def add_price(db: Writing, caller: Caller, new: NewPrice, *, now: int) -> Price:
    """Raises Invalid for a currency without a rate."""
    faults: dict[str, list[str]] = {}
    CurrencyConverter(db, now).check(new.currency, "currency", faults)
    if faults:
        raise Invalid("The price is not right.", details=faults)
    price_id = store.insert_price(db, msgspec.to_builtins(new))
    audit.record(
        db,
        actor(caller),
        "add price",
        "cost_setup",
        price_id,
        now=now,
        after=msgspec.to_builtins(new),
    )
    return store.list_prices(db)[price_id]


def delete_price(db: Writing, caller: Caller, price_id: int, *, now: int) -> None:
    """Ideas keep what they took from it. Raises NotFound."""
    price = store.list_prices(db).get(price_id)
    if price is None:
        raise NotFound(
            say("There is no price {price_id}; GET /cost-setup lists them.", price_id=price_id)
        )
    store.delete_price(db, price_id)
    audit.record(
        db,
        actor(caller),
        "delete price",
        "cost_setup",
        price_id,
        now=now,
        before=msgspec.to_builtins(price),
    )


def _epoch(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000


def _day(epoch: int) -> str:
    return datetime.fromtimestamp(epoch / 1000, UTC).date().isoformat()
