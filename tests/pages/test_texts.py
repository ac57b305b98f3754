"""Every text of the pages is in one catalogue, and a translation of it is shown to those who
read that language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from scripts.texts import CATALOGUE, SOURCE, wanted
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, move
from tests.support.mail import delivered
from tests.support.pages import Visitor

from autohub.kit.sentences import say
from autohub.web import pages, reader
from autohub.web.reader import Reader, reader_for, reader_of

TEMPLATES = sorted(SOURCE.glob("**/templates/*.html"))
TRANSLATIONS = sorted(CATALOGUE.parent.glob("*.po"))
NO_TEXT = {"autohub", "Enter", "EUR"}


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of translations in the place of those that ship."""
    monkeypatch.setattr(reader, "TEXTS", tmp_path)
    forget_texts()
    yield tmp_path
    forget_texts()


def forget_texts() -> None:
    """The next reader gets the texts that are there then."""
    reader.translations.cache_clear()
    pages.templates.cache_clear()


def bare(template: str) -> str:
    """What stands in a template as it is, outside Jinja's own marks, scripts and tags; with the
    attributes that people read."""
    template = re.sub(
        r"\{% set \w+ %\}.*?\{% endset %\}", "", template, flags=re.DOTALL
    )  # attributes that several tags share
    template = re.sub(
        r"\{#.*?#\}|<script.*?</script>|<noscript>.*?</noscript>", "", template, flags=re.DOTALL
    )
    template = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", template, flags=re.DOTALL)
    read = re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"', template)
    return " ".join([re.sub(r"<[^>]*>|<[^>]*$", " ", template), *read])


def test_an_empty_text_stays_empty_in_every_language() -> None:
    # gettext keeps the head of the catalogue under the empty text
    assert [reader_for(tag, "UTC")("") for tag in ("en-GB", "de-DE")] == ["", ""]


def test_the_catalogue_and_every_translation_are_up_to_date() -> None:
    """`make texts` writes them anew."""
    assert [path.name for path, text in wanted().items() if path.read_text() != text] == []


MARKS = re.compile(r"%\(\w+\)[sd]|%s|\{\w*(?::\w+)?\}|</?\w+[^>]*>")


def marks(text: str) -> list[str]:
    """What stays as it is in a translation: places of values, and tags."""
    return sorted(MARKS.findall(text))


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_each_language_that_ships_has_every_text_with_the_same_values_in_it(path: Path) -> None:
    with path.open("rb") as file:
        messages = [message for message in read_po(file, locale=path.stem) if message.id]
    lacking, wrong = [], []
    for message in messages:
        one, many = (message.id, message.id) if isinstance(message.id, str) else message.id
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        if not all(texts):
            lacking.append(one)
        elif any(
            sorted(MARKS.findall(text))
            not in (sorted(MARKS.findall(one)), sorted(MARKS.findall(many)))
            for text in texts
        ):
            wrong.append(one)
    assert (lacking, wrong) == ([], [])


def test_there_are_german_french_spanish_and_japanese() -> None:
    assert reader.languages() == ["de", "en", "es", "fr", "ja"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_text_outside_the_catalogue(template: Path) -> None:
    if template.name in ("api-doc.html", "dictionary.html"):
        return  # the reference page, which has its own words
    words = set(re.findall(r"[A-Za-z][a-z]+", bare(template.read_text()))) - NO_TEXT
    assert words <= {
        "framed",
        "aria",
        "describedby",
        "invalid",
        "true",
        "api",
        "automationhub",
        "openapi",
    }, words


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_only_texts_of_ours_go_through_gettext_which_neither_escapes_nor_keeps_a_percent_sign(
    template: Path,
) -> None:
    """`_()` trusts its text; what comes from people or from the database is translated by `r()`,
    which is escaped like everything."""
    assert re.findall(r'(?<![A-Za-z0-9.])_\((?!\s*").{20}', template.read_text()) == []


def test_a_translation_beside_the_catalogue_is_shown_to_those_who_read_it(
    hub: TestHub, owner: Client, texts: Path
) -> None:
    (texts / "de.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid '
        '"Pipeline"\nmsgstr "Vorhaben"\n\n'
        'msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "%(num)s Tag"\nmsgstr[1] '
        '"%(num)s Tage"\n'
    )
    page = Visitor(hub, owner.user_id).get("/pipeline", **{"accept-language": "de-DE,de;q=0.9"})
    assert '<html lang="de"' in page.html and '<h1 tabindex="-1">Vorhaben</h1>' in page.html
    assert (
        "Pipeline" in Visitor(hub, owner.user_id).get("/pipeline", **{"accept-language": "fr"}).html
    )


def test_a_service_refuses_in_the_readers_language(
    hub: TestHub, owner: Client, texts: Path
) -> None:
    said = {
        "There is no idea {process_id}.": "Das Vorhaben {process_id} gibt es nicht.",
        "must not be empty.": "muss ausgefüllt sein.",
    }
    entries = "".join(f'msgid "{text}"\nmsgstr "{german}"\n\n' for text, german in said.items())
    (texts / "de.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{entries}'
    )
    german = {"accept-language": "de"}
    person = Visitor(hub, owner.user_id)
    assert "Das Vorhaben 999 gibt es nicht." in person.get("/automation-profile/999", **german).text
    assert "There is no idea 999." in person.get("/automation-profile/999").text
    assert "muss ausgefüllt sein." in person.post("/admin/access/users/add", {}, **german).text


def test_a_sentence_is_told_with_its_values_and_with_a_sentence_among_them(texts: Path) -> None:
    said = {"Line {number}: {message}": "{message} (Zeile {number})", "Not {what}.": "Kein {what}."}
    entries = "".join(f'msgid "{text}"\nmsgstr "{german}"\n\n' for text, german in said.items())
    (texts / "de.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{entries}'
    )
    german = reader_of({"accept-language": "de"}, {})
    sentence = say("Line {number}: {message}", number=7, message=say("Not {what}.", what="{x}"))
    assert sentence == "Line 7: Not {x}."
    assert german(sentence) == "Kein {x}. (Zeile 7)"


def test_mails_speak_the_language_in_which_a_person_last_read_the_pages(
    hub: TestHub, owner: Client, texts: Path
) -> None:
    said = {
        "Hello {name},": "Guten Tag {name},",
        "Please assess: {idea}": "Bitte bewerten: {idea}",
        "Choose it here; the link works once, until {until} ({zone}):": "Hier, einmal, bis "
        "{until} ({zone}):",
    }
    entries = "".join(f'msgid "{text}"\nmsgstr "{german}"\n\n' for text, german in said.items())
    (texts / "de.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{entries}'
    )
    lead = hub.person((8, 0), email="lead@example.com")
    number = hand_in(owner, process_name="Pay", owner="lead@example.com")
    move(owner, number, 51)
    assert [(subject, text.split("\n")[0]) for _, subject, text in delivered(hub)] == [
        ("Please assess: Pay", "Hello Ada,")
    ]
    page = Visitor(hub, lead)
    page.post("/account/look", {"locale": "de-AT", "zone": "Europe/Vienna"})
    number = hand_in(owner, process_name="Buy", owner="lead@example.com")
    move(owner, number, 51)
    assert [(subject, text.split("\n")[0]) for _, subject, text in delivered(hub)] == [
        ("Bitte bewerten: Buy", "Guten Tag Ada,")
    ]
    page.post("/forgotten", {"user_email": "lead@example.com"})
    assert "(Europe/Vienna)" in delivered(hub)[0][2]


def test_a_translation_with_places_for_other_values_is_left_out(texts: Path) -> None:
    wrong = {
        "%s rows": "Zeilen",
        "Hello {name},": "Hallo {nmae},",
        "of %(total)s": "von %(Summe)s",
        "{one} is {two}.": "{two} {three}.",
    }
    right = {
        "%s ideas": "%s Vorhaben",
        "{one} in {two}.": "In {two}: {one}.",
        "%(num)s of it": "davon",
    }
    entries = "".join(
        f'msgid "{text}"\nmsgstr "{german}"\n\n' for text, german in (wrong | right).items()
    )
    (texts / "de.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n{entries}'
    )
    german = reader_of({"accept-language": "de"}, {})
    assert {text: german(text) for text in wrong} == {text: text for text in wrong}
    assert {text: german(text) for text in right} == right
    assert german(say("{one} is {two}.", one="A", two="B")) == "A is B."
    assert german(say("{one} in {two}.", one="A", two="B")) == "In B: A."


def test_dates_numbers_and_money_are_those_of_the_readers_place() -> None:
    british = reader_of({"accept-language": "en-GB"}, {"zone": "Europe/London"})
    german = reader_of({"accept-language": "de-DE"}, {"zone": "Europe/Berlin"})
    american = reader_of(
        {"accept-language": "fr-FR"}, {"locale": "en-US", "zone": "America/New_York"}
    )
    new_year = 1767225600000  # 2026-01-01 00:00 in UTC
    assert [each.day(new_year) for each in (british, german, american)] == [
        "1 Jan 2026",
        "01.01.2026",
        "Dec 31, 2025",
    ]
    assert [each.number(1234567.5, 1) for each in (british, german)] == [
        "1,234,567.5",
        "1.234.567,5",
    ]
    assert [each.date("2026-11-05") for each in (british, german)] == ["5 Nov 2026", "05.11.2026"]
    assert [each.month("2026-11") for each in (british, german, american)] == [
        "Nov 2026",
        "Nov. 2026",
        "Nov 2026",
    ]
    assert (
        british.money(1234.5, "EUR") == "€1,234"
        and [british.price(*p) for p in ((0.12, "USD"), (999.5, "EUR"), (120.0, "JPY"))]
        == ["US$0.12", "€999.50", "JP¥120"]
        and german.number(None) == "–"
        and british.percent(62.4) == "62%"
    )
    assert "01:00" in german.moment(new_year)


@pytest.mark.parametrize(
    "cookies",
    [
        {"locale": "xx-YY"},
        {"locale": "../../x"},
        {"zone": "Mars/Olympus"},
        {"zone": "../etc"},
        {"locale": "é"},
    ],
)
def test_a_place_that_is_not_known_falls_back_and_never_fails(cookies: dict[str, str]) -> None:
    found = reader_of({"accept-language": ";;,,*;q=x"}, cookies)
    assert isinstance(found, Reader) and found.language == "en" and found.day(0) == "1 Jan 1970"


def test_no_template_asks_whether_a_value_is_defined() -> None:
    """A field that is called by a wrong name is an error, and not an empty place on the page."""
    for template in (Path(pages.__file__).parent.parent).glob("**/templates/*.html"):
        asked = template.read_text().replace("caller is defined", "")  # what a macro is called with
        assert not re.search(r"is (not )?defined|\|\s*default\(", asked), template
