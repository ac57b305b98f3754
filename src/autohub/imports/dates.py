"""Dates as people write them."""

import re
from datetime import UTC, date, datetime, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 2100
_EXCEL_EPOCH = date(1899, 12, 30)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?: .*)?")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_MONTH_YEAR = re.compile(r"([A-Za-z]{3,9})\.?,?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})")
_YEAR_MONTH = re.compile(r"(?:(\d{4})[-/](\d{1,2})|(\d{1,2})/(\d{4}))")
_FISCAL = re.compile(r"(?:FY|Q[1-4]\s*(?:FY)?)?\s*(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_day(text: str) -> date | None:
    """The day that a text names: 2024-01-31, 1/31/2024 (month first), 31.1.2024, January 31, 2024,
    Jan 2024, 2024-01, 2024, and the number that a spreadsheet keeps. None for everything else, and
    for what is not between 1970 and 2100.

    A spreadsheet that shows a year as a date makes 7/16/1905 out of 2024; such a date is read back
    as that year's first day.
    """
    found = _parse_day(" ".join(text.split()))
    if found is None:
        return None
    if found.year < FIRST_YEAR:
        serial = (found - _EXCEL_EPOCH).days
        found = date(serial, 1, 1) if FIRST_YEAR <= serial <= LAST_YEAR else found
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _parse_day(text: str) -> date | None:
    if match := _ISO.fullmatch(text):
        return _date(match[1], match[2], match[3])
    if match := _SLASHED.fullmatch(text):
        year = match[3] if len(match[3]) == 4 else f"20{match[3]}"
        return _date(year, match[1], match[2])
    if match := _DOTTED.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if match := _MONTH_YEAR.fullmatch(text):
        month = next(
            (i for i, name in enumerate(_MONTHS, start=1) if match[1].lower().startswith(name)), 0
        )
        return _date(match[3], str(month), match[2] or "1")
    if match := _YEAR_MONTH.fullmatch(text):
        return _date(match[1] or match[4], match[2] or match[3], "1")
    if text.isascii() and text.isdigit() and len(text) == 5:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    if match := _FISCAL.fullmatch(text):
        return _date(match[1], "1", "1")
    return None


def _date(year: str, month: str, day_: str) -> date | None:
    try:
        return date(int(year), int(month), int(day_))
    except ValueError:
        return None


def parse_epoch(text: str) -> int | None:
    """The moment that a text names in milliseconds: a number of milliseconds, or a day's
    beginning in UTC."""
    if text.isascii() and text.isdigit() and len(text) >= 11:
        moment = int(text)
        return moment if moment < 4_133_980_800_000 else None
    found = parse_day(text)
    return (
        None
        if found is None
        else int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()) * 1000
    )
