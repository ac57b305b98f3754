"""The feed's pages: which rows a caller sees, filtered and in order, after the last one of the page
before."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser
from sqlalchemy import func, select

from autohub.access.model import Caller
from autohub.db.engine import Reading, Row
from autohub.db.schema import category, idea, idea_history, phase_status, robot_run, user_account
from autohub.ideas.visibility_store import costs_visible, visible
from autohub.kit.errors import Invalid
from autohub.kit.sentences import say
from autohub.kit.text import fold, like_pattern, shorten
from autohub.odata.model import EntitySet
from autohub.odata.options import Options

DEEPEST = 50
"""How deep a filter may be nested."""


class Column(NamedTuple):
    """What a property is compared and sorted by, and how a value of a filter is written for that.
    Texts are compared without case and accents, as everywhere in the hub; codes as they are."""

    sql: Any
    write: Callable[[Any], Any]


def _whole(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(say("“{value}” is no number.", value=shorten(value)))
    return value


def _moment(value: Any) -> int:
    try:
        return int(datetime.fromisoformat(str(value)).timestamp() * 1000)
    except ValueError:
        raise Invalid(
            say("“{value}” is no time such as 2026-01-31T00:00:00Z.", value=shorten(value))
        ) from None


def _text(value: Any) -> str:
    return fold(_code(value))


def _code(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(say("“{value}” is no text in quotes.", value=shorten(value)))
    return value


def _numbers(table: Any, *names: str) -> dict[str, Column]:
    """Numbers, and of times in milliseconds the moments too."""
    found = {}
    for name in names:
        found[name] = Column(table.c[name], _whole)
        if name.endswith("_epoch"):
            found[f"{name.removesuffix('_epoch')}_time"] = Column(table.c[name], _moment)
    return found


def _codes(table: Any, *names: str) -> dict[str, Column]:
    return {name: Column(table.c[name], _code) for name in names}


def _texts(table: Any, *names: str) -> dict[str, Column]:
    return {name: Column(table.c[f"{name}_key"], _text) for name in names}


_IDEA = _numbers(
    idea,
    "process_id",
    "process_submission_type",
    "idea_flow_id",
    "category_id",
    "phase_status_id",
    "process_created_epoch",
    "process_updated_epoch",
    "process_num_votes",
    "process_num_documents",
    "change_of_process_id",
    "process_overall_gauge_score",
    "process_automation_score",
    "process_ease_of_implementation_score",
    "process_estimated_benefit_score",
)
COLUMNS: dict[str, dict[str, Column]] = {
    "Users": {
        **_numbers(user_account, "user_id", "user_is_active", "user_invite_status"),
        "user_email": Column(user_account.c.user_email_key, _text),
        **_texts(
            user_account,
            "user_first_name",
            "user_last_name",
            "user_job_title",
            "user_business_unit",
            "user_department",
            "user_location",
        ),
    },
    "Automations": {
        **_IDEA,
        "process_phase_status_id": Column(idea.c.phase_status_id, _whole),
        "process_status_epoch": Column(idea.c.status_epoch, _whole),
        "process_status_time": Column(idea.c.status_epoch, _moment),
        "phase_id": Column(phase_status.c.phase_id, _whole),
        "process_phase_id": Column(phase_status.c.phase_id, _whole),
        "process_submitter_user_id": Column(idea.c.submitter_user_id, _whole),
        "process_owner_user_id": Column(idea.c.owner_user_id, _whole),
        **_codes(idea, "process_uuid", "process_priority"),
        **_codes(phase_status, "phase_status_key"),
        **_texts(idea, "process_name"),
    },
    "Categories": {
        **_numbers(
            category,
            "category_id",
            "category_level_id",
            "category_order_number",
            "category_is_other",
            "category_is_active",
        ),
        "parent_category_id": Column(category.c.parent_id, _whole),
    },
    "Answers": {"process_id": _IDEA["process_id"]},
    "PhaseHistory": {
        **_numbers(
            idea_history,
            "history_id",
            "process_id",
            "at_epoch",
            "user_id",
            "from_status_id",
            "to_status_id",
            "forced",
        ),
        **_codes(idea_history, "door"),
    },
    "CostBenefit": {"process_id": _IDEA["process_id"]},
    "RobotRuns": {
        **_numbers(
            robot_run,
            "run_id",
            "process_id",
            "started_epoch",
            "runs",
            "failed",
            "minutes_saved",
            "cost_saved",
        ),
        **_codes(robot_run, "currency", "run_key"),
    },
}
"""What can be filtered and sorted by, of each entity set."""


def _rows(db: Reading, caller: Caller, name: str) -> sa.Select[Any]:
    """The rows of an entity set that the caller may see."""
    if name == "Users":
        there = user_account.c.trashed_epoch.is_(None), user_account.c.erased_epoch.is_(None)
        return select(user_account.c.user_id).where(*there)
    if name == "Categories":
        return select(category)
    seen = visible(db, caller)
    if name in ("CostBenefit", "RobotRuns"):
        seen = sa.and_(seen, costs_visible(db, caller))
    if name == "PhaseHistory":
        joined = idea_history.join(idea, idea.c.process_id == idea_history.c.process_id)
        people = joined.outerjoin(user_account, user_account.c.user_id == idea_history.c.user_id)
        return select(idea_history, user_account.c.user_email).select_from(people).where(seen)
    if name == "RobotRuns":
        joined = robot_run.join(idea, idea.c.process_id == robot_run.c.process_id)
        return select(robot_run).select_from(joined).where(seen)
    joined = idea.join(phase_status, phase_status.c.phase_status_id == idea.c.phase_status_id)
    return select(idea.c.process_id).select_from(joined).where(seen)


class Page(NamedTuple):
    """Rows, the place after the last of them where more follow, and how many there are where that
    was asked."""

    rows: Sequence[Row]
    after: tuple[Any, ...] | None
    total: int | None


def list_page(
    db: Reading, caller: Caller, entity_set: EntitySet, options: Options, limit: int
) -> Page:
    """One page. Rows are told apart by their key, so that whatever others write meanwhile, none
    comes twice or is left out that kept its place. Raises Invalid."""
    columns = COLUMNS[entity_set.name]
    query = _rows(db, caller, entity_set.name)
    if options.filter:
        query = query.where(_condition(_parse(options.filter), columns, 0))
    total = None
    if options.counts:
        total = int(db.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)))
    key = columns[entity_set.key[0]].sql
    orders = [(_sortable(columns, name), down) for name, down in options.orders]
    if options.after:
        if len(options.after) != len(orders) + 1:
            raise Invalid("This $skiptoken belongs to another $orderby; begin again without it.")
        query = query.where(_follows([*orders, (key, False)], options.after))
    for column, down in orders:
        query = query.order_by((column.desc() if down else column).nulls_last())
    places = [column.label(f"sorted_{n}") for n, (column, _) in enumerate(orders)]
    query = query.add_columns(*places, key.label("sorted_key")).order_by(key)
    rows = list(db.rows(query.limit(limit + 1).offset(0 if options.after else options.skip)))
    if len(rows) <= limit:
        return Page(rows, None, total)
    rows = rows[:limit]
    place = [getattr(rows[-1], f"sorted_{n}") for n in range(len(orders))] if rows else []
    return Page(rows, (*place, rows[-1].sorted_key) if rows else None, total)


def _sortable(columns: Mapping[str, Column], name: str) -> Any:
    return _column(columns, name).sql


def _follows(orders: list[tuple[Any, bool]], after: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Rows that come after a place; those without a value are last either way."""
    (column, down), value = orders[0], after[0]
    if value is None:
        later: sa.ColumnElement[bool] = sa.false()
        alike = column.is_(None)
    else:
        later = sa.or_(column < value if down else column > value, column.is_(None))
        alike = column == value
    if len(orders) == 1:
        past: sa.ColumnElement[bool] = column > value
        return past
    return sa.or_(later, sa.and_(alike, _follows(orders[1:], after[1:])))


def list_rows_of(
    db: Reading, caller: Caller, name: str, process_ids: Sequence[int]
) -> Sequence[Row]:
    """The rows of an entity set that belong to these ideas."""
    columns = COLUMNS[name]
    query = _rows(db, caller, name).where(db.one_of(columns["process_id"].sql, process_ids))
    key = next(iter(columns.values())).sql
    return list(db.rows(query.order_by(key)))


# --- filters ---


def _parse(text: str) -> ast._Node:
    """Raises Invalid for what is no filter."""
    try:
        found = ODataParser().parse(ODataLexer().tokenize(text))
    except (ODataException, ValueError, RecursionError) as error:
        raise Invalid(say("$filter cannot be read: {why}", why=shorten(error, 200))) from None
    if found is None:
        raise Invalid("$filter cannot be read: it ends too early.")
    node: ast._Node = found
    return node


def _column(columns: Mapping[str, Column], name: str) -> Column:
    if name not in columns:
        raise Invalid(
            say(
                "“{name}” can be neither filtered nor sorted by; these can: {names}.",
                name=shorten(name),
                names=", ".join(columns),
            )
        )
    return columns[name]


def _condition(
    node: ast._Node, columns: Mapping[str, Column], depth: int
) -> sa.ColumnElement[bool]:
    """A filter as SQL, never null. Raises Invalid."""
    if depth > DEEPEST:
        raise Invalid(say("$filter may be nested {limit} deep.", limit=DEEPEST))
    if isinstance(node, ast.BoolOp):
        sides = (_condition(side, columns, depth + 1) for side in (node.left, node.right))
        return sa.and_(*sides) if isinstance(node.op, ast.And) else sa.or_(*sides)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return sa.not_(_condition(node.operand, columns, depth + 1))
    if isinstance(node, ast.Compare):
        return _compare(node, columns)
    if isinstance(node, ast.Call):
        return _search(node, columns)
    raise Invalid("$filter must be comparisons, joined by and, or, not.")


def _compare(node: ast.Compare, columns: Mapping[str, Column]) -> sa.ColumnElement[bool]:
    left, right, op = node.left, node.right, type(node.comparator)
    if op not in _ORDER and op is not ast.In:
        raise Invalid("$filter compares with eq, ne, lt, le, gt, ge and in.")
    if _name_of(left) is None:
        left, right, op = right, left, _MIRRORED.get(op, op)
    name = _name_of(left)
    if name is None:
        raise Invalid("Each comparison in $filter needs a property on one side.")
    column = _column(columns, name)
    if op is ast.In:
        if not isinstance(right, ast.List):
            raise Invalid("`in` needs a list in parentheses.")
        values = [column.write(_value(each)) for each in right.val]
        return sa.and_(column.sql.is_not(None), column.sql.in_(values))
    value = _value(right)
    if value is None:
        missing: dict[type, sa.ColumnElement[bool]] = {
            ast.Eq: column.sql.is_(None),
            ast.NotEq: column.sql.is_not(None),
        }
        return missing.get(op, sa.false())
    found: sa.ColumnElement[bool] = _ORDER[op](column.sql, column.write(value))
    if op is ast.NotEq:
        return sa.or_(column.sql.is_(None), found)
    return sa.and_(column.sql.is_not(None), found)


_ORDER: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: lambda column, value: column == value,
    ast.NotEq: lambda column, value: column != value,
    ast.Lt: lambda column, value: column < value,
    ast.LtE: lambda column, value: column <= value,
    ast.Gt: lambda column, value: column > value,
    ast.GtE: lambda column, value: column >= value,
}
_MIRRORED: dict[type, type] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


def _name_of(node: ast._Node) -> str | None:
    """The property that a side of a comparison is. Its letters' case does not count anyway."""
    while isinstance(node, ast.Call) and node.func.name in ("tolower", "toupper", "trim"):
        node = node.args[0]
    return str(node.name) if isinstance(node, ast.Identifier) and not node.namespace else None


def _value(node: ast._Node) -> Any:
    """A literal's value. Raises Invalid."""
    while isinstance(node, ast.Call) and node.func.name in ("tolower", "toupper", "trim"):
        node = node.args[0]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_whole(_value(node.operand))
    if isinstance(node, ast.Null):
        return None
    if isinstance(node, ast.String):
        return node.val
    if isinstance(node, ast.Integer):
        if len(node.val) > 16:
            raise Invalid(say("“{value}” is too large a number.", value=shorten(node.val)))
        return int(node.val)
    if isinstance(node, ast.Float):
        return float(node.val)
    if isinstance(node, ast.DateTime | ast.Date | ast.GUID):
        text = str(node.val)
        return text if "T" in text or isinstance(node, ast.GUID) else f"{text}T00:00:00Z"
    raise Invalid("$filter compares properties with numbers, texts, times and null.")


def _search(node: ast.Call, columns: Mapping[str, Column]) -> sa.ColumnElement[bool]:
    kind = node.func.name
    if kind not in ("contains", "startswith", "endswith"):
        raise Invalid(say("The function {name} is not offered.", name=shorten(kind)))
    name = _name_of(node.args[0])
    column = _column(columns, name or "?")
    if column.write not in (_text, _code):
        raise Invalid(say("“{name}” is no text.", name=name or "?"))
    value = like_pattern(_text(_value(node.args[1])))
    before = "" if kind == "startswith" else "%"
    after = "" if kind == "endswith" else "%"
    sql = column.sql if column.write is _text else func.lower(column.sql)
    found = sql.like(f"{before}{value}{after}", escape="\\")
    return sa.and_(column.sql.is_not(None), found)
