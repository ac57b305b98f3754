"""Time, as the wire counts it: whole milliseconds since 1970 in UTC."""

import time
from datetime import UTC, date, datetime

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso(epoch: int) -> str:
    """1700000000000 -> '2023-11-14T22:13:20Z'."""
    return (
        datetime.fromtimestamp(epoch / SECOND, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )


def end_of_day(text: str) -> int:
    """'2027-01-31' -> the last millisecond of that day in UTC. Raises ValueError for anything
    else."""
    day = date.fromisoformat(text)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND + DAY - 1
