"""Numbers as people write them, in any country: read without guessing, and written so that they
are read again."""

import re

from autohub.kit.sentences import say

BLANKS = "\u0020\u00a0\u2009\u202f'’"
"""What separates thousands beside the point and the comma; none of it can be a decimal mark."""
SIGNS = "$€£¥₩₹₽₺₪₫₱₴₦฿"
_CURRENCY = rf"(?:[{SIGNS}]|[A-Z]{{3}})"
_WRITTEN = re.compile(
    rf"(?:{_CURRENCY}\s*)?([-\u2212+]?)(?:\s*{_CURRENCY})?\s*([\d{BLANKS}.,]*\d[.,]?)(?:\s*{_CURRENCY})?",
    re.ASCII,
)
_IN_THOUSANDS = re.compile(rf"\d{{1,3}}(?:[{BLANKS}.,]\d{{3}})+", re.ASCII)
_IN_LAKHS = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}", re.ASCII)
LONGEST, MOST_DIGITS = 40, 15


class NotANumber(ValueError):
    """The text is no number."""


class TwoNumbers(ValueError):
    """The text is one number in some countries and another one in others: `large` or `small`."""

    def __init__(self, large: str, small: str, mark: str) -> None:
        """`mark` separates thousands in `large` and decimals in `small`."""
        super().__init__(
            say(
                "could be {large} or {small}; write {large} for the one, {small}0 for the other.",
                large=large,
                small=small,
            )
        )
        self.large, self.small, self.mark = large, small, mark


def find_mark(text: str) -> str:
    """The decimal mark that a text proves, because it can be read in one way alone: '.' for
    '1,250.5' and '1,250,000', ',' for '1250,5'; '' for what proves nothing."""
    try:
        read(text)
    except ValueError:
        return ""
    found = _WRITTEN.fullmatch(text.strip())
    whole, mark, decimals = _parted(found[2]) if found else ("", "", "")
    if mark:
        return mark if decimals else ""
    grouping = next((sign for sign in whole if sign in ".,"), "")
    return {".": ",", ",": "."}.get(grouping, "")


def read(text: str, decimal_mark: str = "") -> float:
    """1250.5 from '1250.5', '1250,5', '1,250.5', '1.250,5', '1 250,5', "1'250.5", '$1,250.50' and
    '1.250,50 €'.

    Raises TwoNumbers for '52.000' and '52,000', which are 52 or 52000 depending on who reads them,
    unless somebody said which mark is the decimal one; and NotANumber.
    """
    found = _WRITTEN.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        raise NotANumber(text)
    sign = "" if found[1] in ("", "+") else "-"
    whole, mark, decimals = _parted(found[2])
    if not (whole.isdigit() or not whole or _is_grouped(whole)) or not (
        decimals.isdigit() or not decimals
    ):
        raise NotANumber(text)
    if mark and len(decimals) == 3 and re.fullmatch(r"[1-9]\d{0,2}", whole):
        large, small = f"{sign}{whole}{decimals}", f"{sign}{whole}.{decimals}"
        if not decimal_mark:
            raise TwoNumbers(large, small, mark)
        return float(small if mark == decimal_mark else large)
    digits = re.sub(r"\D", "", whole)
    if len(digits) > MOST_DIGITS:
        raise NotANumber(text)
    return float(f"{sign}{digits or 0}.{decimals or 0}")


def write(value: float) -> str:
    """The shortest text that `read` takes for this number: 12, 12.5, and 1.1250 where 1.125
    could be a thousand."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    whole, _, decimals = text.lstrip("-").partition(".")
    return f"{text}0" if len(decimals) == 3 and len(whole) < 4 and whole != "0" else text


def _parted(text: str) -> tuple[str, str, str]:
    """Before the decimal mark, the mark, and behind it: the last point or comma, unless it
    stands there more than once."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0 or text.count(text[last]) > 1:
        return text, "", ""
    return text[:last], text[last], text[last + 1 :]


def _is_grouped(whole: str) -> bool:
    """Whether one sign, the same everywhere, separates thousands or lakhs."""
    signs = set(re.sub(r"\d", "", whole))
    return len(signs) == 1 and bool(_IN_THOUSANDS.fullmatch(whole) or _IN_LAKHS.fullmatch(whole))
