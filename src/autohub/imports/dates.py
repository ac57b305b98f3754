"""Dates as people write them."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache

from babel import Locale

from autohub.kit.text import fold

FIRST_YEAR, LAST_YEAR = 1970, 2100
_EXCEL_EPOCH = date(1899, 12, 30)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
_NUMBERS = re.compile(r"(\d{1,2})(?:/(\d{1,2})/(\d{4}|\d{2})|-(\d{1,2})-(\d{4}))(?: .*)?")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_NAME = r"([^\W\d_]{3,12})"
_MONTH_YEAR = re.compile(rf"{_NAME}\.?,?\s+(?:(\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(\d{{4}})")
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er)?\.?[ -]{_NAME}\.?,?[ -](\d{{4}}|\d{{2}})(?: .*)?"
)
_MONTH_DASH = re.compile(rf"{_NAME}-(\d{{4}}|\d{{2}})")
_OF = re.compile(r" de(?:l)? ", re.IGNORECASE)
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "tr")
"""Those whose names of months are read, whatever the reader's own is; none of them calls two
months alike."""
_YEAR_MONTH = re.compile(r"(?:(\d{4})[-/](\d{1,2})|(\d{1,2})/(\d{4}))")
_QUARTER = re.compile(r"Q([1-4])\s*(?:FY)?\s*(\d{4})|(\d{4})[ -]*Q([1-4])", re.IGNORECASE)
_YEAR = re.compile(r"(?:FY)?\s*(\d{4})", re.IGNORECASE)
DayFirst = bool | None
"""How the numbers of 3/4/2024 stand in a column: True is 3 April, False is March 4, None is a
column that proves both, in which only a day above 12 can be told."""


def find_order(text: str) -> DayFirst:
    """What a text proves of its column: 13/04/2024 that the day comes first, 04/13/2024 that the
    month does. None for what proves nothing."""
    match = _NUMBERS.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    first, second = int(match[1]), int(match[2] or match[4])
    return None if first <= 12 >= second else first > 12


def is_undecided(text: str) -> bool:
    """Whether a text names two days, by the order in which its numbers are read."""
    match = _NUMBERS.fullmatch(" ".join(text.split()))
    if match is None or find_order(text) is not None:
        return False
    return int(match[1]) != int(match[2] or match[4])


def parse_day(text: str, day_first: DayFirst = False) -> date | None:
    """The day that a text names: 2024-01-31, 1/31/2024 (by `day_first` where both orders can be),
    31.1.2024, January 31, 2024, 31 janvier 2024, 31-Jan-24, Jan 2024, Jan-24, 2024-01, Q1 2024,
    2024, and the number that a spreadsheet keeps; a month, a quarter and a year are their first
    day. None for everything else, and for what is not between 1970 and 2100.

    A spreadsheet that shows a year as a date makes 7/16/1905 out of 2024; such a date is read back
    as that year's first day.
    """
    found = _parse_day(_OF.sub(" ", " ".join(text.split())), day_first)
    if found is None:
        return None
    if found.year < FIRST_YEAR:
        serial = (found - _EXCEL_EPOCH).days
        found = date(serial, 1, 1) if FIRST_YEAR <= serial <= LAST_YEAR else found
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _parse_day(text: str, day_first: DayFirst) -> date | None:
    if match := _ISO.fullmatch(text):
        return _date(match[1], match[2], match[3])
    if match := _NUMBERS.fullmatch(text):
        order = proved if (proved := find_order(text)) is not None else day_first
        first, second = match[1], match[2] or match[4]
        if order is None:
            return None
        day_, month = (first, second) if order else (second, first)
        return _date(match[3] or match[5], month, day_)
    if match := _DOTTED.fullmatch(text):
        return _date(match[3], match[2], match[1])
    return _parse_month(text)


def _parse_month(text: str) -> date | None:
    """A day, a month, a quarter or a year, in words or as a spreadsheet's number."""
    if match := _MONTH_YEAR.fullmatch(text):
        return _date(match[3], _month(match[1]), match[2] or "1")
    if match := _DAY_MONTH.fullmatch(text):
        return _date(match[3], _month(match[2]), match[1])
    if match := _MONTH_DASH.fullmatch(text):
        return _date(match[2], _month(match[1]), "1")
    if match := _YEAR_MONTH.fullmatch(text):
        return _date(match[1] or match[4], match[2] or match[3], "1")
    if match := _QUARTER.fullmatch(text):
        return _date(match[2] or match[3], str(int(match[1] or match[4]) * 3 - 2), "1")
    if text.isascii() and text.isdigit() and len(text) == 5:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    if match := _YEAR.fullmatch(text):
        return _date(match[1], "1", "1")
    return None


@cache
def _month_names() -> dict[str, int]:
    """By its folded name or its beginning, which month it is; what begins two is left out."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        calendar = Locale(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in calendar[form][width].items():
                    whole = fold(name).rstrip(".")
                    ends = range(3, len(whole) + 1) if language == "en" else (len(whole),)
                    for end in ends:
                        found.setdefault(whole[:end], set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


def _month(name: str) -> str:
    """The number of the month of that name, '0' for none."""
    return str(_month_names().get(fold(name), 0))


def _date(year: str, month: str, day_: str) -> date | None:
    try:
        return date(int(year if len(year) == 4 else f"20{year}"), int(month), int(day_))
    except ValueError:
        return None


def parse_epoch(text: str, day_first: DayFirst = False) -> int | None:
    """The moment that a text names in milliseconds: a number of milliseconds, or a day's
    beginning in UTC."""
    if text.isascii() and text.isdigit() and len(text) >= 11:
        moment = int(text)
        return moment if moment < 4_133_980_800_000 else None
    found = parse_day(text, day_first)
    return (
        None
        if found is None
        else int(datetime(found.year, found.month, found.day, tzinfo=UTC).timestamp()) * 1000
    )
