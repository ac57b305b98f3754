"""The rows of a page as records: those that the Open API answers, with a moment beside each
time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from autohub.access import store as access
from autohub.access.model import Caller
from autohub.benefits import service as benefits
from autohub.benefits.model import StoredRun
from autohub.db.engine import Reading, Row
from autohub.ideas import moves
from autohub.ideas import store as ideas
from autohub.ideas.reading import stream_records
from autohub.ideas.rights import AuthorizedIdea
from autohub.kit.clock import iso
from autohub.odata.model import PROPERTIES, CostBenefitRow, Property
from autohub.users import store as users

Record = dict[str, Any]
_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Rows(NamedTuple):
    """A page's rows, and who reads them."""

    db: Reading
    caller: Caller
    rows: Sequence[Row]
    now: int


def _users(page: Rows) -> list[Record]:
    found = users.load_accounts(page.db, [row.user_id for row in page.rows])
    people = [found[row.user_id].as_user() for row in page.rows if row.user_id in found]
    records: list[Record] = msgspec.to_builtins(people)
    return records


def _ideas(page: Rows) -> list[Record]:
    ids = [row.process_id for row in page.rows]
    return _decode(b"[%b]" % b",".join(stream_records(page.db, page.caller, ids)))


def _automations(page: Rows) -> list[Record]:
    return _ideas(page)


def _answers(page: Rows) -> list[Record]:
    return [
        _answer(record, name)
        for record in _ideas(page)
        for name in sorted(record)
        if "-" in name and not name.endswith("__display") and record[name] is not None
    ]


def _answer(record: Record, name: str) -> Record:
    """One answer out of an idea's record, in which each has a field and a twin for readers."""
    value = record[name]
    is_number = isinstance(value, int | float)
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return {
        "process_id": record["process_id"],
        "question_field": name,
        "answer_text": None if is_number else text,
        "answer_number": value if is_number else None,
        "answer_display": record.get(f"{name}__display"),
    }


def _categories(page: Rows) -> list[Record]:
    names = [name for name in PROPERTIES["Categories"] if name != "parent_category_id"]
    return [
        {name: getattr(row, name) for name in names} | {"parent_category_id": row.parent_id}
        for row in page.rows
    ]


def _history(page: Rows) -> list[Record]:
    named = moves.load_status_names(page.db)
    kept = ("history_id", "process_id", "at_epoch", "user_id", "user_email", "door")
    more = ("from_status_id", "to_status_id", "reason", "forced")
    return [
        {name: getattr(row, name) for name in (*kept, *more)}
        | {
            "from_status_name": named.get(row.from_status_id or 0),
            "to_status_name": named[row.to_status_id],
        }
        for row in page.rows
    ]


def _analyses(page: Rows) -> list[Record]:
    found = ideas.load_ideas(page.db, [row.process_id for row in page.rows])
    chains = access.category_chains(page.db, {idea.category_id for idea in found.values()})
    return [_analysis(page, found[row.process_id], chains) for row in page.rows]


def _analysis(page: Rows, idea: Any, chains: Mapping[int, list[int]]) -> Record:
    phase = ideas.get_phase_of_status(page.db, idea.phase_status_id)
    held = AuthorizedIdea(idea, chains[idea.category_id], phase)
    found = benefits.get_analysis(page.db, page.caller, held, now=page.now)
    row = CostBenefitRow(
        process_id=idea.process_id,
        currency=found.currency,
        baseline_is_set=found.baseline_is_set,
        benefit_hours=found.benefit_hours,
        benefit_fte=found.benefit_fte,
        one_time=found.result.one_time,
        running_per_year=found.result.running_per_year,
        benefit_per_year=found.result.benefit_per_year,
        net_per_year=found.result.net_per_year,
        break_even_month=found.result.break_even_month,
    )
    record: Record = msgspec.to_builtins(row)
    return record


def _runs(page: Rows) -> list[Record]:
    names = ("process_id", *StoredRun.__struct_fields__)
    return [{name: getattr(row, name) for name in names} for row in page.rows]


_MAKERS: dict[str, Callable[[Rows], list[Record]]] = {
    "Users": _users,
    "Automations": _automations,
    "Answers": _answers,
    "Categories": _categories,
    "PhaseHistory": _history,
    "CostBenefit": _analyses,
    "RobotRuns": _runs,
}


def make_records(
    db: Reading, caller: Caller, name: str, rows: Sequence[Row], *, now: int
) -> list[Record]:
    """What the rows of a page are, in their order, with all that $metadata says."""
    properties = PROPERTIES[name].values()
    return [
        {each.name: _value(record, each) for each in properties}
        for record in _MAKERS[name](Rows(db=db, caller=caller, rows=rows, now=now))
    ]


def _value(record: Record, each: Property) -> Any:
    value = record.get(each.of or each.name)
    if value is None:
        return None
    if each.of:
        return iso(value)
    return str(value) if each.edm == "Edm.String" else value
