"""The assessments that every installation starts with. Questions and published formulas are
contract 5; the weights of automation potential and ease of implementation are ours, and open
(docs/scoring.md)."""

from collections.abc import Iterable

from autohub.assessments.detailed import DETAILED, DOCUMENTATION, choices, kpi
from autohub.assessments.model import (
    THIN_APPLICATIONS,
    Assessment,
    Factor,
    Option,
    Question,
    Score,
    Section,
)

NAME, DESCRIPTION, CATEGORY = (
    "OVR-OVERVIEW_NAME",
    "OVR-OVERVIEW_DESCRIPTION",
    "OVR-OVERVIEW_CATEGORY",
)
OWNER, SUBMITTER = "OVR-PROCESS_OWNER", "OVR-OVERVIEW_PROCESS_SUBMITTER"

_NAME = Question(
    NAME,
    "Name",
    help="What people call the process, in a few words.",
    required=True,
    max_length=100,
    column="process_name",
)
_DESCRIPTION = Question(
    DESCRIPTION,
    "Description",
    "rich_text",
    required=True,
    max_length=50_000,
    column="process_description",
)
_CATEGORY = Question(CATEGORY, "Category", "category", required=True, column="category_id")
_PAIN = Question(
    "OVR-OVERVIEW_PAIN_POINTS",
    "Pain points",
    "rich_text",
    help="What makes the process slow, dear or tiring today.",
    column="process_pain_points",
)
_IMPACT = Question(
    "OVR-OVERVIEW_NEGATIVE_IMPACT",
    "Negative impact",
    "rich_text",
    help="What the pain points lead to.",
    column="process_negative_impact",
)
_OWNER = Question(OWNER, "Process owner", "person", column="owner")
_SUBMITTER = Question(SUBMITTER, "Submitter", "person", column="submitter")

OVERVIEW = Assessment(
    "OVR",
    "OVR",
    "About the idea",
    sections=[
        Section(
            "ah-section-ovr-0-0",
            "Process Details",
            [
                _NAME,
                _DESCRIPTION,
                _CATEGORY,
                Question("OVR-PURPOSE", "Purpose and expected benefit", "rich_text"),
                _PAIN,
                _IMPACT,
                Question(
                    "OVR-OVERVIEW_SOURCE_LINK",
                    "Link to the source",
                    max_length=2000,
                    help="Where the idea was found, such as a process mining view.",
                ),
                Question("OVR-DATE_INITIATED", "Date initiated", "date"),
                Question("OVR-DATE_IMPLEMENTED", "Date implemented", "date"),
                Question("OVR-DATE_RETIRED", "Date retired", "date"),
            ],
        ),
        Section(
            "ah-section-ovr-0-1",
            "Applications",
            [Question("OVR-APPLICATIONS", "Applications used", "applications")],
        ),
        Section("ah-section-ovr-0-2", "Basic information", [_OWNER, _SUBMITTER]),
    ],
)

_DOCUMENTS = (
    # contract 4.4, in the order of the codes
    "Detailed work instructions",
    "Standard operating procedure",
    "Task/Process maps/flowcharts",
    "Input files",
    "Output files",
    "Misc. files",
    "There are no files affiliated with this process",
    "I don't know",
)

BUSINESS_PROCESS = Assessment(
    "OVRBP",
    "OVR",
    "Business process",
    sections=[
        Section(
            "ah-section-ovrbp-0-0",
            "Process Details",
            [
                _NAME,
                Question("OVR-OVERVIEW_PROCESS_ID", "Process id", max_length=100),
                _DESCRIPTION,
                _CATEGORY,
                _PAIN,
            ],
        ),
        Section(
            "ah-section-ovrbp-0-1",
            "Applications",
            [
                Question("OVR-COUNT_APPS", "Applications used", "applications"),
                Question(THIN_APPLICATIONS, "Thin applications used", "applications"),
            ],
        ),
        Section(
            "ah-section-ovrbp-0-2",
            "Documentation",
            [
                Question(
                    "OVR-PROCESS_DOCUMENTS",
                    "Documents of the process",
                    "multiple",
                    required=True,
                    options=[
                        Option(f"ah-answer_option-ovrbp-0-3-0-{i}", label)
                        for i, label in enumerate(_DOCUMENTS)
                    ],
                )
            ],
        ),
        Section(
            "ah-section-ovrbp-0-3",
            "Basic information",
            [
                _OWNER,
                _SUBMITTER,
                Question("OVR-OVERVIEW_STUDIO_WEB_LINK", "Studio Web link", max_length=2000),
            ],
        ),
        Section(
            "ah-section-ovrbp-0-4",
            "Rolled-up benefit",
            [Question("OVR-SUB_PROCESSES", "Sub-processes", "rich_text")],
        ),
    ],
)

HIGH_LEVEL_QUESTIONS = (
    # contract 5.1: the key of POST /automationidea, the question, its five answers
    (
        "rules",
        "How rule-based is the process?",
        ("Very creative", "Pretty creative", "A mix", "Pretty rule based", "Very rule based"),
    ),
    (
        "input_type",
        "What is the input data?",
        (
            "Very much paper",
            "Pretty much paper",
            "A mix",
            "Pretty much digital",
            "Very much digital",
        ),
    ),
    (
        "input_quality",
        "How structured is the input?",
        (
            "Very unstructured",
            "Pretty unstructured",
            "A mix",
            "Pretty structured",
            "Very structured",
        ),
    ),
    (
        "stability",
        "What change is expected in the next 6 months?",
        ("Major", "Several", "Some", "Minor", "None"),
    ),
    (
        "documentation",
        "What documentation is available?",
        DOCUMENTATION,
    ),
)
_HIGH_LEVEL = tuple(f"HLA-{key.upper()}" for key, _, _ in HIGH_LEVEL_QUESTIONS)


def high_level_code(question: int, answer: int) -> str:
    """The code of answer 1 to 5 of question 0 to 4."""
    return f"ah-answer_option-hla-0-0-{question}-{answer - 1}"


def _fifths(*keys: str) -> list[Factor]:
    """Contract 5.1: 100·(x−1)/4."""
    return [Factor(key, 1, 1, best=5) for key in keys]


HIGH_LEVEL = Assessment(
    "HLA",
    "HLA",
    "High-Level Assessment",
    sections=[
        Section(
            "ah-section-hla-0-0",
            "High-Level Assessment",
            [
                Question(
                    _HIGH_LEVEL[i],
                    title,
                    "single",
                    required=True,
                    options=[
                        Option(high_level_code(i, n), label, str(n))
                        for n, label in enumerate(answers, start=1)
                    ],
                )
                for i, (_, title, answers) in enumerate(HIGH_LEVEL_QUESTIONS)
            ],
        )
    ],
    scores=[
        Score(
            "idea_score",
            "Idea score",
            "mean",
            factors=_fifths(*_HIGH_LEVEL),
            column="process_overall_gauge_score",
        ),
        Score(
            "suitability",
            "Suitability",
            "mean",
            factors=_fifths(*_HIGH_LEVEL[:3]),
            unless_weighted=list(_HIGH_LEVEL),
            column="process_suitability_score",
        ),
        Score(
            "readiness",
            "Readiness",
            "mean",
            factors=_fifths(*_HIGH_LEVEL[3:]),
            unless_weighted=list(_HIGH_LEVEL),
            column="process_readiness_score",
        ),
    ],
)


CITIZEN = Assessment(
    "CD",
    "CD",
    "Citizen Developer Assessment",
    sections=[
        Section(
            "ah-section-cd-0-0",
            "The automation",
            [
                Question(
                    "CD-USERS",
                    "Who will use it?",
                    "single",
                    required=True,
                    options=[
                        Option(f"cd-users-{n}", label, str(n))
                        for n, label in enumerate(
                            ("Myself", "My team", "My department", "Everyone"), start=1
                        )
                    ],
                ),
                Question(
                    "CD-MINUTES_SAVED",
                    "Minutes saved each time",
                    "number",
                    minimum=0,
                    maximum=100_000,
                ),
                Question(
                    "CD-TIMES_PER_MONTH", "Times a month", "number", minimum=0, maximum=10_000_000
                ),
                Question(
                    "CD-SENSITIVE_DATA",
                    "What data does it touch?",
                    "single",
                    required=True,
                    options=[
                        Option(f"cd-data-{n}", label, str(n))
                        for n, label in enumerate(
                            ("Secret", "Personal", "Internal", "Public"), start=1
                        )
                    ],
                ),
                Question("CD-PACKAGE_LINK", "Where the automation is", max_length=2000),
                kpi(
                    "CD-HOURS_PER_YEAR",
                    "Hours saved a year",
                    "minutes_saved * times_per_month * 12 / 60",
                    column="process_estimated_benefit_score",
                ),
            ],
        )
    ],
    scores=[
        Score(
            "sharing_score",
            "Ready to share",
            "mean",
            factors=[Factor("CD-USERS", 1, 1, best=4), Factor("CD-SENSITIVE_DATA", 1, 1, best=4)],
            column="process_overall_gauge_score",
        )
    ],
)

CHANGE_REQUEST = Assessment(
    "CR",
    "CR",
    "Change Request Assessment",
    sections=[
        Section(
            "ah-section-cr-0-0",
            "The change",
            [
                Question(
                    "CR-KIND",
                    "What is it?",
                    "single",
                    required=True,
                    options=choices("cr-kind", "defect", "adaptation", "enhancement"),
                ),
                Question(
                    "CR-URGENCY",
                    "How urgent is it?",
                    "single",
                    required=True,
                    options=choices(
                        "cr-urgency",
                        "low",
                        "medium",
                        "high",
                        "critical",
                        numbers=("1", "2", "3", "4"),
                    ),
                ),
                Question("CR-AFFECTED", "People affected", "number", minimum=0, maximum=10_000_000),
                Question("CR-AUTOMATION", "The live automation that is to change", max_length=200),
            ],
        )
    ],
    scores=[
        Score(
            "urgency_score",
            "Urgency",
            "mean",
            factors=[Factor("CR-URGENCY", 1, 1, best=4)],
            column="process_overall_gauge_score",
        )
    ],
)

EXECUTION = Assessment(
    "EX",
    "EX",
    "Execution Assessment",
    sections=[
        Section(
            "ah-section-ex-0-0",
            "What it brings",
            [
                Question("EX-RUNS_PER_MONTH", "Runs a month", "number", minimum=0, maximum=1e9),
                Question(
                    "EX-MINUTES_SAVED_PER_RUN",
                    "Minutes saved per run",
                    "number",
                    minimum=0,
                    maximum=100_000,
                ),
                Question(
                    "EX-COST_SAVED_PER_RUN", "Cost saved per run", "number", minimum=0, maximum=1e9
                ),
                kpi(
                    "EX-ACTUAL_HOURS",
                    "Actual benefit, hours a year",
                    "runs_per_month * 12 * minutes_saved_per_run / 60",
                ),
                kpi(
                    "EX-ACTUAL_COST",
                    "Actual benefit, currency a year",
                    "runs_per_month * 12 * cost_saved_per_run",
                ),
            ],
        )
    ],
)

DEFAULTS = (OVERVIEW, BUSINESS_PROCESS, HIGH_LEVEL, DETAILED, CITIZEN, CHANGE_REQUEST, EXECUTION)

AT_SUBMISSION = {
    # by submission type: what is asked when an idea of this type is handed in
    1: ("OVR", "HLA"),
    2: ("OVR", "DA"),
    3: ("OVR", "CD"),
    4: ("OVR", "DA"),
    5: ("OVR", "DA"),
    6: ("OVR", "CR"),
    7: ("OVR", "HLA"),
    8: ("OVRBP",),
    -1: ("OVR", "HLA"),
}
LATER = {
    1: ("DA", "EX"),
    2: ("EX",),
    3: ("EX",),
    4: ("EX",),
    5: ("EX",),
    6: ("EX",),
    7: ("DA", "EX"),
    8: (),
    -1: ("DA", "EX"),
}
"""What is asked of them later: the Detailed Assessment of the process owner, the Execution
Assessment once they are Live."""


def assessments_for(submission_type: int) -> tuple[str, ...]:
    """Every assessment that an idea of this type may have, in order."""
    return AT_SUBMISSION[submission_type] + LATER[submission_type]


def assessments_of_idea(submission_type: int, assessed: Iterable[str]) -> list[str]:
    """The assessments of one idea, in order: the usual ones of its type, then the organisation's
    own."""
    usual = assessments_for(submission_type)
    return [key for key in usual if key in assessed] + sorted(set(assessed) - set(usual))
