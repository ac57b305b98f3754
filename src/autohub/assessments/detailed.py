"""The Detailed Assessment (contract 5.2): published formulas, and our own open weights for
potential and ease (docs/scoring.md)."""

from autohub.assessments.model import Assessment, Band, Factor, Option, Question, Score, Section

DOCUMENTATION = (
    "None",
    "Input files",
    "Maps/flowcharts",
    "Standard operating procedure",
    "Detailed work instructions",
)
"""What may be there, from the least to the best (contract 5.1)."""


def choices(
    prefix: str, *names: str, numbers: tuple[str, ...] = (), holds: str = ""
) -> list[Option]:
    labels = (name.replace("-", " ").capitalize() for name in names)
    counts = numbers or ("",) * len(names)
    return [
        Option(f"{prefix}-{name}", label, number, holds=name == holds)
        for name, label, number in zip(names, labels, counts, strict=True)
    ]


_CHANGES = (
    "no-change-expected",
    "minor-change-expected",
    "some-change-expected",
    "several-changes-expected",
    "major-change-expected",
)


def _stability(kind: str) -> Question:
    options = choices(
        f"{kind}-stability",
        *_CHANGES,
        numbers=("5", "4", "3", "2", "1"),
        holds="major-change-expected",
    )
    return Question(
        f"DA-{kind.upper()}_STABILITY",
        f"What change of the {kind} is expected?",
        "single",
        options=options,
        required=True,
    )


def _number(
    key: str,
    title: str,
    maximum: float,
    *,
    minimum: float = 0,
    default: float | None = None,
    help: str = "",
) -> Question:
    return Question(
        f"DA-{key}", title, "number", minimum=minimum, maximum=maximum, default=default, help=help
    )


def kpi(key: str, title: str, formula: str, *, column: str = "", help: str = "") -> Question:
    return Question(
        key, title, "formula", formula=formula, column=column, help=help, comments=False
    )


_FREQUENCY = choices(
    "frequency",
    "daily",
    "weekly",
    "bi-weekly",
    "monthly",
    "quarterly",
    "yearly",
    numbers=("employee_average_working_days", "52", "26", "12", "4", "1"),
)
EASE_BANDS = [Band(70, "Easy"), Band(40, "Medium"), Band(0, "Difficult")]

DETAILED = Assessment(
    "DA",
    "DA",
    "Detailed Assessment",
    sections=[
        Section(
            "ah-section-da-0-0",
            "The process",
            [
                Question(
                    "DA-AUTOMATION_GOAL",
                    "Main goal of the automation",
                    "single",
                    required=True,
                    options=choices("automation-goal", "cost", "quality", "productivity"),
                    column="process_goal",
                ),
                _stability("task"),
                _stability("application"),
                Question(
                    "DA-ORCHESTRATOR_AUTOMATION_UUID",
                    "Automation's id in the orchestrator",
                    max_length=100,
                    column="orchestrator_automation_uuid",
                ),
            ],
        ),
        Section(
            "ah-section-da-0-1",
            "The work today",
            [
                _number("EMPLOYEE_AVERAGE_WORKING_DAYS", "Working days a year", 366, default=220),
                _number("EMPLOYEE_WORKING_HOURS", "Working hours a day", 24, default=8),
                _number("EMPLOYEE_AVERAGE_FULL_COST", "Full cost of an employee a year", 1e9),
                Question("DA-FREQUENCY", "How often is it done?", "single", options=_FREQUENCY),
                _number("VOLUMES", "Transactions each time", 1e9),
                _number("PROCESSING_TIME", "Minutes per transaction", 100_000),
                _number("ERROR_RATE", "Transactions with errors, %", 100, default=0),
                _number("REWORK_TIME", "Minutes to rework one", 100_000, default=0),
                _number("REVIEW_AUDIT_RATE", "Transactions reviewed, %", 100, default=0),
                _number("REVIEW_AUDIT_TIME", "Minutes to review one", 100_000, default=0),
                Question("DA-PROCESS_PEAKS", "Peaks"),
            ],
        ),
        Section(
            "ah-section-da-0-2",
            "How it is done",
            [
                _number("NUMBER_OF_WAYS", "Ways to do it", 1000, minimum=1),
                _number("DIGITAL_INPUT", "Digital input, %", 100),
                _number("STRUCTURED_INPUT", "Structured input, %", 100),
                _number("NUMBER_OF_APPLICATIONS", "Number of applications", 1000),
                _number("THIN_APPLICATIONS", "Thin clients among them", 1000),
                Question(
                    "DA-DOCUMENTATION",
                    "Documentation available",
                    "single",
                    options=[
                        Option(f"documentation-{n}", label, str(n))
                        for n, label in enumerate(DOCUMENTATION, start=1)
                    ],
                ),
            ],
        ),
        Section(
            "ah-section-da-0-3",
            "Key figures",
            [
                kpi("DA-TRANSACTIONS_PER_YEAR", "Transactions a year", "volumes * frequency"),
                kpi(
                    "DA-HOURS_PER_YEAR",
                    "Hours a year",
                    "transactions_per_year * (processing_time + error_rate / 100 * rework_time"
                    " + review_audit_rate / 100 * review_audit_time) / 60",
                ),
                kpi(
                    "DA-FTE",
                    "FTE",
                    "hours_per_year / (employee_average_working_days * employee_working_hours)",
                ),
                kpi("DA-COST_PER_YEAR", "Cost a year", "employee_average_full_cost * fte"),
                kpi(
                    "DA-BENEFIT_HOURS",
                    "Benefit, hours a year",
                    "hours_per_year * automation_potential / 100",
                    column="process_estimated_benefit_score",
                ),
                kpi(
                    "DA-BENEFIT_COST",
                    "Benefit, currency a year",
                    "cost_per_year * automation_potential / 100",
                ),
                kpi("DA-BENEFIT_FTE", "Benefit, FTE", "fte * automation_potential / 100"),
            ],
        ),
    ],
    scores=[
        Score(
            "automation_potential",
            "Automation potential",
            "deduct",
            factors=[
                Factor("DA-STRUCTURED_INPUT", 35, 0, best=100),
                Factor("DA-DIGITAL_INPUT", 35, 0, best=100),
                Factor("DA-NUMBER_OF_WAYS", 20, 10, best=1),
            ],
            column="process_automation_score",
        ),
        Score(
            "ease_of_implementation",
            "Ease of implementation",
            "deduct",
            factors=[
                Factor("DA-NUMBER_OF_APPLICATIONS", 25, 10, best=1),
                Factor("DA-THIN_APPLICATIONS", 15, 3, best=0),
                Factor("DA-TASK_STABILITY", 15, 1, best=5),
                Factor("DA-APPLICATION_STABILITY", 15, 1, best=5),
                Factor("DA-NUMBER_OF_WAYS", 15, 10, best=1),
                Factor("DA-DOCUMENTATION", 15, 1, best=5),
            ],
            bands=EASE_BANDS,
            column="process_ease_of_implementation_score",
        ),
    ],
)
