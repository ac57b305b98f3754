"""Who reads a page: language, number and date format, time zone."""

import gettext
import io
import logging
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from autohub.kit.errors import HubError
from autohub.kit.locales import known_locale, known_zone
from autohub.kit.sentences import Sentence

log = logging.getLogger("autohub.web")
TEXTS = Path(__file__).parent / "texts"
SOURCE_LANGUAGE = "en"
FILLED = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w+[^}]*\}")
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


CALL = re.compile(r"[;,] (?:GET|POST|PUT|PATCH|DELETE) /.*?(?=\.(?:\s|$)|$)")


def without_calls(text: str) -> str:
    """A refusal as people read it: “There is no group 1; GET /groups lists them.” names a call
    that helps programs alone."""
    return CALL.sub("", text)


def name_field(name: str) -> str:
    """What a field is called on a page that has no label for it: 'collaborators.0.role_ids' ->
    'Role'."""
    words = [part for part in name.split(".") if part and not part.isdigit()] or [name]
    bare = words[-1].removeprefix("user_").removeprefix("process_")
    for end in ("_epoch", "_ids", "_id"):
        bare = bare.removesuffix(end)
    return bare.replace("_", " ").capitalize()


def tell_fault(text: str, label: str) -> str:
    """'Name must not be empty.', 'Owner: There is no user …': one follows the label, the other is
    a sentence by itself."""
    return f"{label}: {text}" if text[:1].isupper() else f"{label} {text}"


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
        """The text in the reader's language; the values of a Sentence too, where they are texts of
        ours."""
        if isinstance(text, Sentence):
            values = {
                name: self(value) if isinstance(value, Sentence) else value
                for name, value in text.values.items()
            }
            return self.texts.gettext(text.template).format_map(values)
        return (
            self.texts.gettext(text) if text else ""
        )  # the catalogue's own head stands under the empty text

    def plural(self, one: str, many: str, number: int) -> str:
        """'1 person', '11 people': the text for so many, with the number for `%(num)s`."""
        return self.texts.ngettext(one, many, number) % {"num": self.number(number)}

    @property
    def tag(self) -> str:
        """The locale's name, such as `de-CH`."""
        return str(self.locale).replace("_", "-")

    def retell(self, error: HubError) -> HubError:
        """Puts an error's sentences into the reader's language, and returns it."""
        error.message = without_calls(self(error.message))
        error.details = {
            name: [without_calls(self(text)) for text in texts]
            for name, texts in error.details.items()
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

    def price(self, value: float | None, currency: str) -> str:
        """'US$0.12', '€999.50', '¥120': the price of one piece, with all its decimals and at
        least the currency's own; a dash for None."""
        if value is None:
            return "–"
        return str(
            numbers.format_currency(
                Decimal(repr(value)), currency, locale=self.locale, decimal_quantization=False
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
