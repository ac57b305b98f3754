"""Scores, formulas and versions (contract 5, docs/scoring.md)."""

import contextlib
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub import Client, TestHub
from tests.support.ideas import a_coe_idea, hand_in, idea, made

from autohub.assessments.defaults import DEFAULTS, DETAILED, HIGH_LEVEL
from autohub.assessments.formula import Formula, WrongFormula
from autohub.assessments.model import Answers, Assessment, Factor, Score, check
from autohub.assessments.scoring import Evaluation
from autohub.kit.errors import Invalid

DOC = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text()


def table(first_heading: str) -> list[dict[str, str]]:
    """The rows of the table of docs/scoring.md whose first column is this."""
    lines = DOC.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    names = [cell.strip() for cell in lines[start].strip("|").split("|")]
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(
            dict(zip(names, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
        )
    return rows


def high_level(*numbers: int) -> Answers:
    keys = list(HIGH_LEVEL.questions)
    return {
        key: {"value": HIGH_LEVEL.questions[key].options[n - 1].code}
        for key, n in zip(keys, numbers, strict=True)
    }


def value(assessment: Assessment, answers: Answers, name: str) -> float | None:
    found = Evaluation(assessment, answers).value(name)
    return None if found is None else round(found, 2)


class TestTheExamplesOfTheDocs:
    @pytest.mark.parametrize("row", table("rules"))
    def test_the_high_level_assessment(self, row: dict[str, str]) -> None:
        answers = high_level(
            *(
                int(row[key])
                for key in ("rules", "input_type", "input_quality", "stability", "documentation")
            )
        )
        found = [
            value(HIGH_LEVEL, answers, name) for name in ("idea_score", "suitability", "readiness")
        ]
        assert found == [float(row[name]) for name in ("Idea score", "Suitability", "Readiness")]

    def test_customised_weights(self) -> None:
        weighted = _weighted(HIGH_LEVEL, "idea_score", "HLA-RULES", 3)
        wanted = re.search(r"÷ 7 = (\d+\.\d+)", DOC)
        assert wanted and value(weighted, high_level(5, 4, 3, 2, 1), "idea_score") == float(
            wanted[1]
        )
        assert (
            value(weighted, high_level(5, 4, 3, 2, 1), "suitability")
            is value(weighted, high_level(5, 5, 5, 5, 5), "readiness")
            is None
        )

    @pytest.mark.parametrize("row", table("days"))
    def test_the_detailed_assessment(self, row: dict[str, str]) -> None:
        keys = {
            "days": "EMPLOYEE_AVERAGE_WORKING_DAYS",
            "hours": "EMPLOYEE_WORKING_HOURS",
            "cost": "EMPLOYEE_AVERAGE_FULL_COST",
        }
        keys |= {
            "volumes": "VOLUMES",
            "minutes": "PROCESSING_TIME",
            "error %": "ERROR_RATE",
            "rework": "REWORK_TIME",
        }
        keys |= {
            "structured %": "STRUCTURED_INPUT",
            "digital %": "DIGITAL_INPUT",
            "ways": "NUMBER_OF_WAYS",
        }
        answers: Answers = {f"DA-{key}": {"value": float(row[name])} for name, key in keys.items()}
        answers["DA-FREQUENCY"] = {"value": f"frequency-{row['frequency']}"}
        names = {
            "transactions": "transactions_per_year",
            "hours a year": "hours_per_year",
            "FTE": "fte",
        }
        names |= {"potential": "automation_potential", "benefit hours": "benefit_hours"}
        assert {name: value(DETAILED, answers, key) for name, key in names.items()} == {
            name: float(row[name]) for name in names
        }

    @pytest.mark.parametrize(
        ("score", "first"),
        [
            ("automation_potential", "structured input, %"),
            ("ease_of_implementation", "number of applications"),
        ],
    )
    def test_the_weights_that_are_printed_are_those_that_count(
        self, score: str, first: str
    ) -> None:
        rows = [
            line.strip("| ").split(" | ")
            for line in DOC.split(f"| {first} |")[1].split("\n\n")[0].splitlines()
        ]
        rows[0] = [first, *rows[0]]
        factors = next(s for s in DETAILED.scores if s.key == score).factors
        assert [(float(r[1]), float(r[2]), float(r[3])) for r in rows] == [
            (f.weight, f.best, f.worst) for f in factors
        ]


def _weighted(assessment: Assessment, score: str, question: str, weight: float) -> Assessment:
    def changed(s: Score) -> Score:
        factors = [
            Factor(f.question, weight, f.worst, f.best) if f.question == question else f
            for f in s.factors
        ]
        return msgspec.structs.replace(s, factors=factors) if s.key == score else s

    return msgspec.structs.replace(assessment, scores=[changed(s) for s in assessment.scores])


FIFTHS = st.lists(st.integers(1, 5), min_size=5, max_size=5)


class TestPropertiesOfScores:
    @given(FIFTHS, st.integers(0, 4))
    def test_a_better_answer_never_lowers_a_score(self, numbers: list[int], place: int) -> None:
        better = [n + 1 if i == place and n < 5 else n for i, n in enumerate(numbers)]
        for name in ("idea_score", "suitability", "readiness"):
            low, high = (
                value(HIGH_LEVEL, high_level(*numbers), name),
                value(HIGH_LEVEL, high_level(*better), name),
            )
            assert low is not None and high is not None and 0 <= low <= high <= 100

    @given(
        st.dictionaries(
            st.sampled_from([f.question for s in DETAILED.scores for f in s.factors]),
            st.floats(0, 1000),
        ),
        st.data(),
    )
    def test_scores_that_deduct_are_monotone_too_and_stay_between_0_and_100(
        self, numbers: dict[str, float], data: st.DataObject
    ) -> None:
        numbers = {k: v for k, v in numbers.items() if DETAILED.questions[k].kind == "number"}
        answers: Answers = {key: {"value": number} for key, number in numbers.items()}
        for score in DETAILED.scores:
            before = Evaluation(DETAILED, answers).value(score.key)
            assert before is None or 0 <= before <= 100
            for factor in score.factors:
                if factor.question in numbers:
                    toward = data.draw(
                        st.floats(
                            min(numbers[factor.question], factor.best),
                            max(numbers[factor.question], factor.best),
                        )
                    )
                    after = Evaluation(
                        DETAILED, answers | {factor.question: {"value": toward}}
                    ).value(score.key)
                    assert before is not None and after is not None and after >= before - 1e-9

    @given(FIFTHS)
    def test_the_points_of_the_factors_add_up_to_the_score(self, numbers: list[int]) -> None:
        for result in Evaluation(HIGH_LEVEL, high_level(*numbers)).results():
            assert result.value == pytest.approx(
                sum(f.points or 0 for f in result.factors), abs=0.02
            )

    def test_the_same_answers_give_the_same_scores_whatever_else_is_answered(self) -> None:
        answers = high_level(3, 3, 3, 3, 3)
        assert (
            Evaluation(HIGH_LEVEL, answers).results()
            == Evaluation(HIGH_LEVEL, answers | {"OVR-X": {"value": 1}}).results()
        )

    def test_nothing_answered_is_no_score(self) -> None:
        for assessment in DEFAULTS:
            for result in Evaluation(assessment, {}).results():
                assert result.value is None and result.why_not, result.key


class TestFormulas:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1 + 2 * 3", 7),
            ("(1 + 2) * 3", 9),
            ("-a / 4", -0.5),
            ("a / b", None),
            ("a * missing", None),
            ("max(a, 3) - min(a, 1)", 2),
            ("a / (b + 0)", None),
        ],
    )
    def test_they_compute(self, text: str, expected: float | None) -> None:
        assert Formula(text)({"a": 2.0, "b": 0.0}.get) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "1 +",
            "a ** 9",
            "__import__('os')",
            "a.b",
            "a[0]",
            "f(a)",
            "'x'",
            "a if b else c",
            "True",
            "(" * 400,
            "1" * 501,
            "a / 0",
        ],
    )
    def test_what_is_no_formula_is_refused(self, text: str) -> None:
        with pytest.raises(WrongFormula):
            Formula(text)

    @given(st.text(max_size=60))
    def test_no_text_breaks_the_parser(self, text: str) -> None:
        with contextlib.suppress(WrongFormula):
            Formula(text)(lambda name: 1.0)

    def faults(self, **questions: str) -> dict[str, list[str]]:
        made = [
            {"key": f"CR-{key}", "title": key, "kind": "formula", "formula": text}
            for key, text in questions.items()
        ]
        section = {"key": "s", "title": "S", "questions": made}
        raw = {"key": "CR", "prefix": "CR", "title": "T", "sections": [section]}
        with pytest.raises(Invalid) as error:
            check(msgspec.convert(raw, Assessment))
        return error.value.details

    def test_one_that_refers_to_itself_is_refused_with_the_way_round(self) -> None:
        assert self.faults(A="a + 1") == {"formula": ["refers to itself: a → a."]}
        assert self.faults(A="b", B="c", C="a")["formula"] == ["refers to itself: a → b → c → a."]

    def test_unknown_names_and_unreadable_texts_name_their_place(self) -> None:
        details = self.faults(A="nothing_like_it", B="1 +")
        assert (
            "nothing_like_it" in details["sections.0.questions.0.formula"][0]
            and "cannot be read" in details["sections.0.questions.1.formula"][0]
        )


def draft(client: Client, version_id: int, weight: float) -> int:
    """A copy of a version with another weight of the rules question."""
    definition = client.get(f"/assessments/{version_id}").data["definition"]
    for factor in definition["scores"][0]["factors"]:
        if factor["question"] == "HLA-RULES":
            factor["weight"] = weight
    answer = client.post("/assessments", {"version_name": "Rules first", "definition": definition})
    assert answer.status == 201 and answer.data["state"] == "draft", answer
    return int(answer.data["version_id"])


def version_of(client: Client, key: str) -> int:
    return int(
        next(
            v["version_id"]
            for v in client.get(f"/assessments?assessment={key}").data
            if v["category_ids"] == [0]
        )
    )


class TestVersions:
    def test_a_change_of_weights_is_previewed_set_live_and_then_given_to_ideas(
        self, hub: TestHub, owner: Client
    ) -> None:
        here, there = hand_in(owner, category_id=3), hand_in(owner, category_id=9)
        version = draft(owner, version_of(owner, "HLA"), 3)
        shown = owner.get(f"/assessments/{version}/preview?category=1").data
        assert (shown["total"], shown["changed"]) == (1, 1) and shown["most_changed"][0][
            "process_id"
        ] == here
        assert shown["means"]["process_overall_gauge_score"] == {"before": 50, "after": 64.29}
        assert owner.post(f"/assessments/{version}/rescore").status == 409
        live = owner.put(f"/assessments/{version}/live", {"category_id": 1}).data
        assert live["state"] == "live" and live["category_ids"] == [1]
        assert idea(owner, here)["process_overall_gauge_score"] == 50
        assert owner.post(f"/assessments/{version}/rescore").data == {"total": 1, "changed": 1}
        assert (
            idea(owner, here)["process_overall_gauge_score"] == 64.29
            and idea(owner, here)["process_suitability_score"] is None
        )
        assert idea(owner, there)["process_overall_gauge_score"] == 50
        fresh = idea(owner, hand_in(owner, category_id=3))
        assert fresh["process_overall_gauge_score"] == 64.29
        assert owner.post(f"/assessments/{version}/rescore").data["changed"] == 0
        assert owner.delete(f"/assessments/{version}/live").data["state"] == "offline"
        assert idea(owner, hand_in(owner, category_id=3))["process_overall_gauge_score"] == 50
        assert idea(owner, here)["process_overall_gauge_score"] == 64.29

    def test_every_score_explains_itself(self, owner: Client) -> None:
        number = made(owner.post("/coe-automationidea", a_coe_idea()))
        results = {r["key"]: r for r in owner.get(f"/automations/{number}/scores").data}
        potential = results["automation_potential"]
        assert potential["value"] == 82.5 and [f["points"] for f in potential["factors"]] == [
            -17.5,
            0,
            0,
        ]
        assert "35 × (1 − structured_input share)" in potential["formula"]
        assert results["ease_of_implementation"]["band"] == "Easy"
        assert results["benefit_hours"]["formula"] == "hours_per_year * automation_potential / 100"
        assert (
            results["actual_hours"]["value"] is None
            and "Runs a month" in results["actual_hours"]["why_not"]
        )

    def test_the_version_of_the_whole_installation_cannot_go_and_what_was_live_stays_as_it_is(
        self, owner: Client
    ) -> None:
        version = version_of(owner, "HLA")
        assert owner.delete(f"/assessments/{version}/live").status == 409
        definition = owner.get(f"/assessments/{version}").data["definition"]
        assert owner.patch(f"/assessments/{version}", {"definition": definition}).status == 409
        assert owner.delete(f"/assessments/{version}").status == 409

    def test_drafts_are_copied_changed_and_deleted(self, owner: Client) -> None:
        copy = owner.post(
            "/assessments", {"version_name": "Copy", "copy_of": version_of(owner, "DA")}
        ).data
        assert copy["definition"] == msgspec.to_builtins(DETAILED)
        changed = owner.patch(
            f"/assessments/{copy['version_id']}",
            {"version_name": "Copy 2", "definition": copy["definition"]},
        )
        assert changed.data["version_name"] == "Copy 2"
        assert owner.delete(f"/assessments/{copy['version_id']}").status == 200
        assert owner.get(f"/assessments/{copy['version_id']}").status == 404
        assert owner.post("/assessments", {"version_name": "x"}).status == 400

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (lambda d: d["sections"][0]["questions"].clear(), "sections"),
            (
                lambda d: d["sections"][0]["questions"].append(d["sections"][0]["questions"][0]),
                "sections.0.questions.5.key",
            ),
            (
                lambda d: d["sections"][0]["questions"][0].update(key="XX-A"),
                "sections.0.questions.0.key",
            ),
            (
                lambda d: d["sections"][0]["questions"][0].update(options=[]),
                "sections.0.questions.0.options",
            ),
            (
                lambda d: d["sections"][0]["questions"][0]["options"][0].update(number="1 +"),
                "sections.0.questions.0.formula",
            ),
            (
                lambda d: d["scores"][0]["factors"][0].update(question="HLA-GONE"),
                "scores.0.factors",
            ),
            (lambda d: d["scores"][0]["factors"][0].update(worst=5), "scores.0.factors"),
            (lambda d: d.update(key="NEW"), "key"),
            (
                lambda d: d["sections"][0]["questions"].append(
                    {"key": "HLA-WHO", "title": "Who", "kind": "person"}
                ),
                "sections.0.questions.5.kind",
            ),
            (
                lambda d: d["scores"][0]["factors"][0].update(weight="much"),
                "definition.scores.0.factors.0.weight",
            ),
        ],
    )
    def test_a_definition_that_is_not_right_is_refused_naming_the_place(
        self, owner: Client, change: Any, field: str
    ) -> None:
        definition = owner.get(f"/assessments/{version_of(owner, 'HLA')}").data["definition"]
        change(definition)
        answer = owner.post("/assessments", {"version_name": "x", "definition": definition})
        assert answer.status == 400 and field in answer.details, answer

    def test_the_questionnaire_lists_questions_with_weights_and_what_they_move(
        self, hub: TestHub, owner: Client
    ) -> None:
        asked = {a["assessment_key"]: a for a in hub.someone((8, 0)).get("/questionnaire").data}
        assert set(asked) == {"OVR", "OVRBP", "HLA", "DA", "CD", "CR", "EX"}
        question = asked["HLA"]["sections"][0]["questions"][0]
        assert (
            question["question_weight"] == 1
            and question["question_is_required"] == 1
            and len(question["answer_options"]) == 5
        )
        assert "Idea score" in question["impacted_kpis"]
