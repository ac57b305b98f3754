"""Who reads a page: language, number and date format, time zone."""

import gettext
import io
import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from autohub.kit.errors import HubError
from autohub.kit.locales import known_locale, known_zone

log = logging.getLogger("autohub.web")
TEXTS = Path(__file__).parent / "texts"
SOURCE_LANGUAGE = "en"
HOLE = re.compile(r"\{(\d)\}")
"""Where the catalogue has a value that a sentence is filled with: {1}, {2}, …"""
FILLED = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w+\}")
"""Where a text is filled in, in any of the three ways that texts are."""
DAY_MS = 86_400_000


def languages() -> list[str]:
    """The languages that there are texts in: English, in which they are written, and every
    `texts/*.po`."""
    return sorted({SOURCE_LANGUAGE, *(path.stem for path in TEXTS.glob("*.po"))})


def _catalogue(language: str) -> Catalog:
    """What is translated into a language. A translation with other holes than its text would
    break what it stands on; it is left out."""
    path = TEXTS / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    for entry in found:
        text = entry.id if isinstance(entry.id, str) else entry.id[-1]
        said = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        if not all(_fits(text, each) for each in said if each):
            log.warning(
                "%s: the translation of “%s” has places for other values than the text; it is "
                "left out",
                path.name,
                text,
            )
            entry.string = "" if isinstance(entry.string, str) else ("",) * len(said)
    return found


def _fits(text: str, said: str) -> bool:
    """Whether a translation can be filled with what its text is filled with: named values may be
    left out, those in order may not."""
    holes, others = FILLED.findall(text), FILLED.findall(said)
    in_order = [
        [hole for hole in each if hole.startswith("%") and hole[1] != "("]
        for each in (holes, others)
    ]
    return set(others) <= set(holes) and in_order[0] == in_order[1]


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The texts of one language; those that are not translated stay English."""
    packed = io.BytesIO()
    write_mo(packed, _catalogue(language))
    packed.seek(0)
    return gettext.GNUTranslations(packed)


@cache
def shapes(language: str) -> list[tuple[re.Pattern[str], str]]:
    """The sentences with values in them that are translated: how each looks with its values, and
    its translation. Those that say most come first, so that a sentence is never taken for a
    vaguer one."""
    entries = [
        (str(entry.id), str(entry.string))
        for entry in _catalogue(language)
        if entry.string and HOLE.search(str(entry.id))
    ]
    entries.sort(key=lambda pair: len(HOLE.sub("", pair[0])), reverse=True)
    return [
        (re.compile("(.+)".join(map(re.escape, HOLE.split(text)[::2])), re.DOTALL), said)
        for text, said in entries
    ]


class Reader:
    """How one person reads: texts in `language`, numbers and dates as in `locale`, times in
    `zone`."""

    def __init__(self, locale: Locale, zone: ZoneInfo) -> None:
        self.locale, self.zone = locale, zone
        self.language = locale.language if locale.language in languages() else SOURCE_LANGUAGE
        self.texts = translations(self.language)
        # Words inside dates would mix two languages; a locale without texts gives its order and
        # separators alone.
        self._words = locale if locale.language == self.language else None

    def __call__(self, text: str) -> str:
        """The text in the reader's language."""
        return (
            self.texts.gettext(text) if text else ""
        )  # the catalogue's own head stands under the empty text

    @property
    def tag(self) -> str:
        """The locale's name, such as `de-CH`."""
        return str(self.locale).replace("_", "-")

    def told(self, sentence: str) -> str:
        """A sentence of a service, which speaks English, in the reader's language: found in the
        catalogue as it is, or by its shape with the values that are filled in. One that is not
        there stays as it is."""
        if self.language == SOURCE_LANGUAGE:
            return sentence
        if (whole := self.texts.gettext(sentence)) != sentence:
            return whole
        for shape, text in shapes(self.language):
            if found := shape.fullmatch(sentence):
                values = [
                    self.told(value) if value.endswith(".") else value for value in found.groups()
                ]
                return _filled(text, values)
        return sentence

    def retell(self, error: HubError) -> HubError:
        """Puts an error's sentences into the reader's language, and returns it."""
        error.message = self.told(error.message)
        error.details = {
            name: [self.told(text) for text in texts] for name, texts in error.details.items()
        }
        return error

    def day(self, epoch: int | None) -> str:
        """'22 Nov 2026'; an empty text for None."""
        return (
            ""
            if epoch is None
            else dates.format_date(
                self._at(epoch), "medium" if self._words else "short", locale=self.locale
            )
        )

    def moment(self, epoch: int | None) -> str:
        """Day and time of day."""
        if epoch is None:
            return ""
        return dates.format_datetime(
            self._at(epoch),
            "medium" if self._words else "short",
            tzinfo=self.zone,
            locale=self.locale,
        )

    def date(self, day: str) -> str:
        """The same for a day that is written 'YYYY-MM-DD', which is the same day in every time
        zone."""
        return str(
            dates.format_date(
                date.fromisoformat(day), "medium" if self._words else "short", locale=self.locale
            )
        )

    def month(self, name: str) -> str:
        """'Nov 2026' for '2026-11'."""
        return str(
            dates.format_skeleton(
                "yMMM" if self._words else "yM",
                date.fromisoformat(f"{name}-01"),
                locale=self.locale,
            )
        )

    def number(self, value: float | None, digits: int = 0) -> str:
        """'1,234.5' with at most `digits` places; a dash for None."""
        if value is None:
            return "–"
        return _decimal(round(value, digits), self.locale)

    def money(self, value: float | None, currency: str) -> str:
        """'€1,235': whole units; a dash for None."""
        if value is None:
            return "–"
        return str(
            numbers.format_currency(
                round(value), currency, format="¤#,##0", locale=self.locale, currency_digits=False
            )
        )

    def percent(self, value: float | None) -> str:
        """'62 %' for 62.4."""
        return (
            "–" if value is None else str(numbers.format_percent(value / 100, locale=self.locale))
        )

    def days(self, since: int, now: int) -> int:
        """Whole days between two moments."""
        return max(0, (now - since) // DAY_MS)

    def _at(self, epoch: int) -> datetime:
        return datetime.fromtimestamp(epoch / 1000, tz=UTC).astimezone(self.zone)


@lru_cache(maxsize=20_000)
def _decimal(value: float, locale: Locale) -> str:
    """Kept, because a list shows the same small numbers again and again, and a tenth of its time
    went into them."""
    return str(numbers.format_decimal(value, locale=locale, decimal_quantization=False))


def _filled(text: str, values: Sequence[str]) -> str:
    return HOLE.sub(
        lambda hole: values[int(hole[1]) - 1] if 0 < int(hole[1]) <= len(values) else hole[0], text
    )


def reader_of(
    headers: Mapping[str, str], cookies: Mapping[str, str], otherwise: str = "en-GB"
) -> Reader:
    """The reader whom cookies (`locale`, `zone`, their own choice) and else the browser's
    Accept-Language tell; `otherwise` is the locale of one who names none."""
    wanted = [cookies.get("locale", ""), *_accepted(headers.get("accept-language", "")), otherwise]
    return reader_for(next(tag for tag in wanted if known_locale(tag)), cookies.get("zone", ""))


def reader_for(locale: str, zone: str) -> Reader:
    """The reader with a locale such as `de-CH` and a time zone such as `Europe/Zurich`; one that
    is not known here counts as en-GB, or as UTC."""
    return Reader(known_locale(locale) or Locale("en", "GB"), known_zone(zone) or ZoneInfo("UTC"))


def _accepted(header: str) -> list[str]:
    return [part.partition(";")[0].strip() for part in header[:200].split(",")]
