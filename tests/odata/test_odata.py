"""The feed for Power BI, Excel and other readers of OData v4."""

import base64
import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from tests.support.hub import Answer, Client, TestHub
from tests.support.ideas import a_coe_idea, hand_in, idea, listed, made, move

from autohub.odata.model import PROPERTIES, SETS

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


class Reader:
    """Reads the feed as a person, with their token."""

    def __init__(self, client: Client) -> None:
        self.hub = client.hub
        self.headers = {"Authorization": client.headers["Authorization"]}

    def get(self, path: str, **headers: str) -> Answer:
        return self.hub.request("GET", f"/odata{path}", None, self.headers | headers)

    def rows(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """All of a set, page by page."""
        found: list[dict[str, Any]] = []
        while path:
            answer = self.get(path, **headers)
            assert answer.status == 200, answer
            found += answer.json["value"]
            link = urlsplit(answer.json.get("@odata.nextLink", ""))
            path = f"{link.path.removeprefix('/odata')}?{link.query}" if link.path else ""
        return found


def ask(name: str, **options: Any) -> str:
    return f"/{name}?" + "&".join(f"${key}={quote(str(value))}" for key, value in options.items())


@pytest.fixture
def ideas(owner: Client) -> list[int]:
    """Three ideas in two categories, one of them with runs and a move."""
    first = hand_in(owner, process_name="Check invoices", category_id=3)
    coe = made(owner.post("/coe-automationidea", a_coe_idea(process_name="Übergabe")))
    found = [first, coe, hand_in(owner, process_name="Pay invoices", category_id=6)]
    assert move(owner, first, 47).status == 201
    runs = [{"started_epoch": 1767225600000 + n, "runs": 5 + n} for n in range(3)]
    for run in runs:
        run["minutes_saved"] = 10
    assert owner.post(f"/automations/{coe}/runs", runs).status == 201
    return found


def test_the_service_and_its_metadata_name_every_set(owner: Client) -> None:
    reader = Reader(owner)
    found = reader.get("/")
    assert found.headers["odata-version"] == "4.0"
    assert [each["name"] for each in found.json["value"]] == list(SETS)
    metadata = reader.get("/$metadata")
    assert metadata.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(metadata.raw)
    described = root.findall(f".//{EDM}Property")
    assert len(described) > 120
    for each in described:
        text = each.find(f"{EDM}Annotation").attrib["String"]  # type: ignore[union-attr]
        assert len(text) > 5, each.attrib


def test_a_token_is_the_password_of_basic(hub: TestHub, owner: Client, ideas: list[int]) -> None:
    token = owner.headers["Authorization"].removeprefix("Bearer ")

    def basic(text: str) -> Answer:
        sent = {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}
        return hub.request("GET", "/odata/Automations?$top=1", None, sent)

    assert basic(f"anything:{token}").status == 200
    assert basic("anything:wrong").status == 401 and basic("nothing").status == 401
    asked = hub.request("GET", "/odata/", None, {})
    assert asked.status == 401 and asked.headers["www-authenticate"].startswith("Basic")
    assert asked.json["error"]["code"] == "401"
    elsewhere = {"Authorization": "Basic " + base64.b64encode(f"a:{token}".encode()).decode()}
    assert hub.request("GET", "/api/v1/openapi/users", None, elsewhere).status == 401


def test_the_user_name_is_the_app_key_of_a_token_that_has_one(hub: TestHub, owner: Client) -> None:
    keyed = hub.token("owner@example.com", app_key="")
    token, key = keyed.headers["Authorization"][7:], keyed.headers["x-ah-openapi-app-key"]
    for name, status in ((key, 200), ("other", 401)):
        sent = base64.b64encode(f"{name}:{token}".encode()).decode()
        answer = hub.request("GET", "/odata/Users", None, {"Authorization": f"Basic {sent}"})
        assert answer.status == status


def callers(hub: TestHub, owner: Client, ideas: list[int]) -> list[Client]:
    """Six of different reach."""
    sponsor_below = hub.someone((3, 3))
    program_manager = hub.someone((5, 0))
    approver_below = hub.someone((6, 6))
    standard = hub.someone((8, 0))
    live_only = hub.person((8, 3), email="submitter@example.com")
    assert live_only
    submitter = hub.token("submitter@example.com")
    hand_in(submitter, process_name="My own", category_id=3, owner="submitter@example.com")
    return [owner, sponsor_below, program_manager, approver_below, standard, submitter]


def test_each_row_is_the_record_of_the_api_for_whoever_reads(
    hub: TestHub, owner: Client, ideas: list[int]
) -> None:
    for client in callers(hub, owner, ideas):
        reader = Reader(client)
        rows = reader.rows("/Automations")
        assert [row["process_id"] for row in rows] == sorted(listed(client, "submissionType=all"))
        answers = reader.rows("/Answers")
        history = reader.rows("/PhaseHistory")
        for row in rows:
            record = idea(client, row["process_id"])
            named = PROPERTIES["Automations"].values()
            assert row == row | {p.name: record.get(p.name) for p in named if not p.of}
            mine = [a for a in answers if a["process_id"] == row["process_id"]]
            for each in mine:
                field = each["question_field"]
                assert each["answer_display"] == record[f"{field}__display"]
                shown = each["answer_number"]
                shown = each["answer_text"] if shown is None else shown
                assert record[field] == shown or isinstance(record[field], list)
            there = {f for f in record if "-" in f and record[f] is not None}
            assert {a["question_field"] for a in mine} == {
                f for f in there if not f.endswith("__display")
            }
            moves = client.get(f"/automations/{row['process_id']}/history").data
            told = [h for h in history if h["process_id"] == row["process_id"]]
            assert [h | m for h, m in zip(told, moves, strict=True)] == told
        check_costs(client, reader, [row["process_id"] for row in rows])


def check_costs(client: Client, reader: Reader, ids: list[int]) -> None:
    """The analyses and runs that the caller may see are those of the calls."""
    answers = {n: client.get(f"/automations/{n}/cba") for n in ids}
    seen = {n: a.data for n, a in answers.items() if a.status == 200}
    found = reader.get("/CostBenefit")
    if found.status == 403:
        assert not seen
        return
    rows = {row["process_id"]: row for row in found.json["value"]}
    assert set(rows) == set(seen)
    for number, row in rows.items():
        told = seen[number] | seen[number]["result"]
        assert row == {"process_id": number} | {n: told[n] for n in row if n != "process_id"}
    runs = reader.rows("/RobotRuns")
    expected = [
        run | {"process_id": n}
        for n in seen
        for run in client.get(f"/automations/{n}/runs").data["runs"]
    ]
    bare = [{name: run[name] for name in expected[0]} for run in runs] if expected else runs
    assert bare == sorted(expected, key=lambda run: run["run_id"])


def test_users_and_categories_are_those_of_the_api(owner: Client, tenant: Client) -> None:
    for client in (owner, tenant):
        assert Reader(client).rows("/Users") == client.users()
    tree = owner.get("/hierarchy").data["categories"]
    flat: dict[int, Any] = {}

    def visit(nodes: list[dict[str, Any]], parent: int | None) -> None:
        for node in nodes:
            below = node.pop("subcategories")
            flat[node["category_id"]] = node | {"parent_category_id": parent}
            visit(below, node["category_id"])

    visit(tree, None)
    rows = Reader(owner).rows("/Categories")
    assert {row["category_id"]: row for row in rows} == flat


CALLS = {
    "Users": "/users",
    "Automations": "/automations",
    "Answers": "/automations",
    "PhaseHistory": "/automations/{idea}/history",
    "CostBenefit": "/automations/{idea}/cba",
    "RobotRuns": "/automations/{idea}/runs",
    "Categories": "/hierarchy",
}


def test_who_may_read_a_set_is_who_may_make_the_call(
    hub: TestHub, owner: Client, tenant: Client, ideas: list[int]
) -> None:
    """The authorization matrix, over every set."""
    people = [hub.someone((role, 0)) for role in range(1, 14)]
    for name, call in CALLS.items():
        for client in (*people, tenant):
            asked = client.get(call.format(idea=ideas[1]))
            answer = Reader(client).get(f"/{name}")
            is_assigned_alone = name in ("CostBenefit", "RobotRuns") and asked.status == 403
            if is_assigned_alone and answer.status == 200:
                assert answer.json["value"] == []
            else:
                assert answer.status == asked.status, (name, client.user_id, answer, asked)
    for wrong in ({}, {"Authorization": "Bearer x/y"}):
        assert all(hub.request("GET", f"/odata/{n}", None, wrong).status == 401 for n in SETS)


def test_filters_compare_and_search(owner: Client, ideas: list[int]) -> None:
    reader = Reader(owner)
    first, coe, last = ideas
    for text, expected in {
        f"process_id eq {coe}": [coe],
        f"process_id ne {coe} and process_submission_type eq 1": [first, last],
        "contains(process_name, 'INVOICES')": [first, last],
        "startswith(tolower(process_name),'ubergabe')": [coe],
        "endswith(process_name,'nothing') or process_id lt 0": [],
        "not (process_name eq 'Pay invoices')": [first, coe],
        f"process_id in ({first},{last})": [first, last],
        "process_created_time gt 2020-01-01T00:00:00Z": ideas,
        "process_created_time lt 2020-01-01": [],
        "change_of_process_id eq null": ideas,
        "change_of_process_id ne null": [],
        f"{first} eq process_id": [first],
        "phase_status_key eq 'IDEA_APPROVED'": [first],
    }.items():
        rows = reader.rows(ask("Automations", filter=text, select="process_id"))
        assert [row["process_id"] for row in rows] == expected, text
    counted = reader.get("/Automations/$count?$filter=" + quote("contains(process_name,'inv')"))
    assert counted.raw == b"2"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (ask("Automations", filter="process_id eq"), 400),
        (ask("Automations", filter="hla eq 5"), 400),
        (ask("Automations", filter="process_description eq 'x'"), 400),
        (ask("Automations", filter="process_id eq 'x'"), 400),
        (ask("Automations", filter="process_id eq 1 and " * 400 + "process_id eq 1"), 400),
        (ask("Automations", filter="not " * 900 + "(process_id eq 1)"), 400),
        (ask("Automations", filter="process_id eq 99999999999999999999999"), 400),
        (ask("Automations", filter="year(process_created_time) eq 2026"), 400),
        (ask("Automations", filter="process_name eq 'it''s; drop table idea'"), 200),
        (ask("Automations", orderby="nothing"), 400),
        (ask("Automations", orderby="process_id sideways"), 400),
        (ask("Automations", select="nothing"), 400),
        (ask("Automations", top="-1"), 400),
        (ask("Automations", skiptoken="%%%"), 400),
        (ask("Automations", skiptoken="W10x"), 400),
        (ask("Automations", expand="Users"), 400),
        (ask("Automations", expand="Answers($top=1)"), 501),
        (ask("Automations", apply="aggregate($count as n)"), 501),
        (ask("Automations", search="x"), 501),
        ("/Nothing", 404),
        ("/Automations(999999)", 404),
    ],
)
def test_what_cannot_be_asked_is_said(sqlite_hub: TestHub, path: str, status: int) -> None:
    answer = Reader(sqlite_hub.someone((1, 0))).get(path)
    assert answer.status == status and (status == 200 or answer.json["error"]["message"]), answer


def test_pages_follow_by_key_while_others_write(owner: Client, ideas: list[int]) -> None:
    reader = Reader(owner)
    first = reader.get("/Automations?$select=process_id&$top=50", Prefer="odata.maxpagesize=2")
    link = urlsplit(first.json["@odata.nextLink"])
    assert link.geturl().startswith("http://hub.test/odata/Automations?") and "%24top=48" in (
        link.query.replace("$", "%24")
    )
    assert owner.delete(f"/automations/{ideas[0]}").status == 200
    added = hand_in(owner)
    rest = reader.get(f"/Automations?{link.query}", Prefer="odata.maxpagesize=9").json["value"]
    assert [row["process_id"] for row in rest] == [ideas[2], added]


def test_order_top_skip_and_count(owner: Client, ideas: list[int]) -> None:
    reader = Reader(owner)
    path = ask("Automations", orderby="process_overall_gauge_score desc,process_name", count="true")
    by_score = reader.rows(path, Prefer="maxpagesize=1")
    known = [(row["process_overall_gauge_score"], row["process_name"]) for row in by_score]
    assert len(known) == 3 and known == sorted(
        known, key=lambda pair: (pair[0] is None, -(pair[0] or 0), pair[1])
    )
    answer = reader.get(ask("Automations", count="true", top=1, skip=1, orderby="process_id desc"))
    assert answer.json["@odata.count"] == 3 and "@odata.nextLink" not in answer.json
    assert answer.json["value"][0]["process_id"] == ideas[1]


def test_an_idea_comes_with_what_belongs_to_it(
    hub: TestHub, owner: Client, ideas: list[int]
) -> None:
    reader = Reader(owner)
    path = ask("Automations", expand="PhaseHistory,Answers,RobotRuns", select="process_id")
    rows = {row["process_id"]: row for row in reader.rows(path)}
    assert [h["to_status_id"] for h in rows[ideas[0]]["PhaseHistory"]] == [46, 47]
    assert [run["runs"] for run in rows[ideas[1]]["RobotRuns"]] == [5, 6, 7]
    assert rows[ideas[0]]["Answers"] and rows[ideas[2]]["RobotRuns"] == []
    one = reader.get(f"/Automations({ideas[1]})").json
    assert one["process_name"] == "Übergabe" and one["process_created_time"].endswith("Z")
    blind = Reader(hub.someone((9, 0)))
    assert blind.get(ask("Automations", expand="RobotRuns")).status == 403


def test_answers_are_read_page_by_page(owner: Client, ideas: list[int]) -> None:
    reader = Reader(owner)
    everything = reader.rows("/Answers")
    assert reader.rows("/Answers", Prefer="maxpagesize=1") == everything
    few = reader.rows(ask("Answers", top=3, filter=f"process_id ge {ideas[1]}"))
    assert len(few) == 3 and {row["process_id"] for row in few} == {ideas[1]}
    for path in ("/Answers?$count=true", "/Answers?$skip=1", "/Answers/$count"):
        assert reader.get(path).status == 501
