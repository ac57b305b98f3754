"""The Output Dictionary: each field of each record explained once, wherever it is shown."""

import re
from html import unescape

import pytest
from tests.support.hub import Client, TestHub
from tests.support.ideas import hand_in, idea
from tests.support.pages import visitor

from autohub.server.reference import build_document, list_dictionary
from autohub.server.routes import ROUTES
from autohub.web import dictionary
from autohub.web.dictionary import meaning_of

DOCUMENT = build_document(ROUTES, base_url="https://hub.example")
RECORDS = {
    name: schema
    for name, schema in DOCUMENT["components"]["schemas"].items()
    if dictionary.ENVELOPE not in schema
}


def test_every_property_of_every_record_is_described() -> None:
    bare = [
        f"{record}.{name}"
        for record, schema in RECORDS.items()
        for name, facts in schema.get("properties", {}).items()
        if not facts.get("description")
    ]
    assert bare == []


def test_nothing_is_explained_that_no_record_has() -> None:
    shown = {
        name
        for record, schema in RECORDS.items()
        for field in schema.get("properties", {})
        for name in (field, f"{record}.{field}")
    }
    assert dictionary.known_fields() - shown == set()


def test_texts_are_sentences() -> None:
    for name in dictionary.known_fields():
        record, _, field = name.rpartition(".")
        meaning = dictionary.find_meaning(record, field)
        assert meaning is not None
        assert meaning.text[0].isupper() or re.match(r"[\w-]+[ ,]", meaning.text), name
        assert meaning.text.endswith((".", "…", "}")), name


def test_a_record_has_the_fields_that_are_described_and_no_others(owner: Client) -> None:
    record = idea(owner, hand_in(owner))
    described = RECORDS["IdeaRecord"]["properties"]
    assert set(record) - set(described) == set()
    assert {name for name in described if name not in record} <= {
        name for name in described if re.match(r"[a-z]+-", name)
    }


@pytest.mark.parametrize("name", ["process_name", "user_email", "da-volumes", "roi"])
def test_the_call_lists_each_field_with_its_records(owner: Client, name: str) -> None:
    fields = owner.get("/dictionary").data["fields"]
    (entry,) = [each for each in fields if each["field"] == name]
    assert entry["meaning"] and entry["records"] and entry["source"] in ("guide", "autohub")


def test_units_and_types_are_said_in_words(owner: Client) -> None:
    fields = {entry["field"]: entry for entry in owner.get("/dictionary").data["fields"]}
    assert fields["process_created_epoch"]["unit"] == "milliseconds since 1970-01-01 UTC"
    assert fields["process_estimated_benefit_score"]["unit"] == "hours a year"
    assert fields["user_department"]["type"] == "text or null"
    assert fields["tags"]["type"] == "list of text"


def test_the_page_shows_the_same(hub: TestHub) -> None:
    page = hub.request("GET", "/api/v1/api-doc/dictionary", None, {})
    assert page.status == 200
    text = page.raw.decode()
    for entry in list_dictionary(ROUTES):
        assert f'<th scope="row">{entry.field}</th>' in text


@pytest.mark.parametrize(
    ("path", "heading", "field"),
    [
        ("/pipeline", "Ease", "process_ease_of_implementation_score"),
        ("/pipeline?cols=submitter", "Submitter", "process_submitter"),
        ("/admin/access/users", "Roles", "user_roles"),
        ("/admin/access/users?cols=city", "City", "user_location"),
    ],
)
def test_a_column_of_a_list_says_what_the_dictionary_says(
    hub: TestHub, owner: Client, path: str, heading: str, field: str
) -> None:
    hand_in(owner)
    html = visitor(hub, (1, 0)).get(path).html
    (title,) = re.findall(rf'<th scope="col" title="([^"]+)"[^>]*>(?:<a [^>]*>)?{heading}<', html)
    assert unescape(title) == meaning_of(field)
    assert 'href="/api/v1/api-doc/dictionary"' in html
