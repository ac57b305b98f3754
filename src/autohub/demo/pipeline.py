"""A pipeline of invented ideas for the sample organisation, the same for the same seed and day."""

import random
import uuid
from collections.abc import Sequence
from typing import Any

from autohub.access.model import OPERATOR
from autohub.applications import service as apps
from autohub.assessments.defaults import HIGH_LEVEL_QUESTIONS, high_level_code
from autohub.categories import service as categories
from autohub.categories.model import Category
from autohub.db.engine import Writing
from autohub.demo.extras import add_analysis, add_components, add_documents
from autohub.discussions import store as discussions
from autohub.flows.model import default_flow
from autohub.ideas import record_store, scoring
from autohub.ideas.model import Idea, name_key
from autohub.ideas.submission import NewIdea, SubmissionContext, check_new_idea, insert_new_ideas
from autohub.kit.clock import DAY
from autohub.notifications import store as notices
from autohub.users.model import Account

_VERBS = (
    "Check",
    "Enter",
    "Match",
    "Send",
    "Reconcile",
    "Archive",
    "Forward",
    "Compare",
    "Collect",
    "Approve",
    "Schedule",
    "Update",
)
_THINGS = {
    "Finance": (
        "supplier invoices",
        "travel expenses",
        "bank statements",
        "dunning letters",
        "cost centre reports",
        "payment runs",
    ),
    "Human Resources": (
        "applications",
        "contracts of new colleagues",
        "time sheets",
        "holiday requests",
        "training records",
        "payslips",
    ),
    "Operations": (
        "purchase orders",
        "delivery notes",
        "claims of customers",
        "stock counts",
        "supplier questionnaires",
        "route plans",
    ),
    "Information Technology": (
        "access requests",
        "password resets",
        "licence lists",
        "server alerts",
        "change tickets",
        "asset records",
    ),
}
_WHERE = (
    "in SAP",
    "by mail",
    "in three spreadsheets",
    "in the old portal",
    "on paper",
    "in Salesforce",
    "between two systems",
)
_PAINS = (
    "It takes a whole morning.",
    "Mistakes are found only weeks later.",
    "Nobody likes to do it.",
    "It waits whenever somebody is ill.",
)
_TAGS = ("quick win", "compliance", "customer", "year end", "robot", "AI")
_APPS = (
    ("SAP S/4HANA", "2023"),
    ("Microsoft Excel", "365"),
    ("Salesforce", ""),
    ("Outlook", "365"),
    ("DocuWare", "7"),
    ("Legacy portal", ""),
)
_TALK = (
    ("How many of them are there a week?", "About forty, more at the end of a quarter."),
    ("Does the old portal offer an interface?", "No, but it can send a table every night."),
    ("Could the team in Lyon use it too?", "Yes: they work the same way, in the same system."),
)
_ENDS = {48: 6, 49: 3, 50: 3, 55: 4, 57: 3}
"""Statuses at which an idea's walk ends early, and how many of a hundred end there."""
KNOWN = 4
"""How many of the first people can sign in."""
WAITS = 0.07
"""How likely an idea stays where it is, for whatever reason."""


def fill_pipeline(
    db: Writing, chance: random.Random, people: Sequence[Account], *, ideas: int, now: int
) -> int:
    """Makes the ideas with their history, teams, votes, comments, plans and runs; returns how
    many. `people` are active."""
    tree = categories.get_hierarchy(db).categories
    app_ids = [
        apps.find_or_create_application(
            db, OPERATOR, name, version, "", tree[0].category_id, now=now
        )
        for name, version in _APPS
    ]
    intake = SubmissionContext(db, OPERATOR)
    today = now - now % DAY
    made = [_idea(chance, intake, tree, people, app_ids, now=today) for _ in range(ideas)]
    _name_apart(made)
    for idea, process_id in zip(made, record_store.reserve_ids(db, len(made)), strict=True):
        idea.process_id = process_id
    insert_new_ideas(db, OPERATOR, intake, made, now=now)
    for idea in made:
        _move_along(db, chance, idea, now=today)
        _discuss(db, chance, idea, people)
    _notify(db, made, people)
    built = [idea for idea in made if 58 <= idea.phase_status_id <= 91]
    add_components(db, chance, tree, built, now=now)
    add_documents(db, built)
    scoring.save_ideas(db, made)
    add_analysis(db, chance, [idea for idea in made if idea.phase_status_id == 91], now=now)
    return len(made)


def _idea(
    chance: random.Random,
    intake: SubmissionContext,
    tree: list[Category],
    people: Sequence[Account],
    app_ids: list[int],
    *,
    now: int,
) -> Idea:
    top = chance.choice([node for node in tree if node.category_name in _THINGS])
    place = chance.choice(
        [leaf for child in top.subcategories for leaf in (child, *child.subcategories)]
    )
    thing = chance.choice(_THINGS[top.category_name])
    name = f"{chance.choice(_VERBS)} {thing} {chance.choice(_WHERE)}"
    type_ = chance.choices((1, 2, 4, 7), (70, 20, 5, 5))[0]
    submitter, owner = chance.choice(people), chance.choice(people)
    wanted = NewIdea(
        type_,
        process_name=name,
        process_description=f"{name}: today this is done by hand, case by "
        f"case.\n{chance.choice(_PAINS)}",
        category_id=place.category_id,
        owner=owner.user_email,
        submitter=submitter.user_email,
        applications=chance.sample(app_ids, chance.randint(0, 3)),
        tags=chance.sample(_TAGS, chance.randint(0, 2)),
        created_epoch=now
        - chance.choice((chance.randrange(1, 40), chance.randrange(40, 600))) * DAY
        + chance.randrange(8, 18) * DAY // 24,
    )
    wanted.answers = _answers(chance, type_)
    idea = check_new_idea(intake, wanted, now=now)
    idea.process_uuid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    idea.process_priority = chance.choice((None, None, "High", "Medium", "Low"))
    idea.status_epoch = idea.process_created_epoch
    return idea


def _answers(chance: random.Random, type_: int) -> dict[str, dict[str, Any]]:
    answers: dict[str, Any] = {"OVR-OVERVIEW_PAIN_POINTS": chance.choice(_PAINS)}
    if type_ in (1, 7):
        for index, (key, _, _) in enumerate(HIGH_LEVEL_QUESTIONS):
            answers[f"HLA-{key.upper()}"] = high_level_code(
                index, chance.choices((1, 2, 3, 4, 5), (5, 15, 30, 30, 20))[0]
            )
    if type_ in (2, 4) or chance.random() < 0.85:
        change = ("no-change-expected", "minor-change-expected", "some-change-expected")
        answers |= {
            "DA-AUTOMATION_GOAL": "automation-goal-"
            + chance.choice(("cost", "quality", "productivity")),
            "DA-TASK_STABILITY": f"task-stability-{chance.choice(change)}",
            "DA-APPLICATION_STABILITY": f"application-stability-{chance.choice(change)}",
            "DA-EMPLOYEE_AVERAGE_FULL_COST": chance.randrange(38, 90) * 1000,
            "DA-FREQUENCY": f"frequency-{chance.choice(('daily', 'weekly', 'monthly'))}",
            "DA-VOLUMES": chance.choice((20, 45, 80, 150, 400)),
            "DA-PROCESSING_TIME": chance.randint(2, 25),
            "DA-ERROR_RATE": chance.choice((0, 2, 5, 8)),
            "DA-REWORK_TIME": chance.randint(1, 15),
            "DA-DIGITAL_INPUT": chance.choice((40, 70, 90, 100)),
            "DA-STRUCTURED_INPUT": chance.choice((30, 60, 80, 100)),
            "DA-NUMBER_OF_WAYS": chance.randint(1, 6),
            "DA-NUMBER_OF_APPLICATIONS": chance.randint(1, 6),
            "DA-DOCUMENTATION": f"documentation-{chance.randint(1, 5)}",
        }
    return {key: {"value": value} for key, value in answers.items()}


def _name_apart(ideas: list[Idea]) -> None:
    """Puts a number behind names that come again."""
    seen: dict[str, int] = {}
    for idea in ideas:
        key = name_key(idea.process_name)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            idea.process_name = f"{idea.process_name}, part {seen[key]}"


def _move_along(db: Writing, chance: random.Random, idea: Idea, *, now: int) -> None:
    """Moves an idea along its flow, as far as its age lets it, and notes every move."""
    forward = {
        46: 51,
        51: 54,
        53: 54,
        54: 56,
        56: 58,
        58: 59,
        64: 65,
        70: 71,
        76: 77,
        82: 83,
        88: 91,
    }
    forward |= {start: start + 5 for start in (59, 65, 71, 77, 83)}  # On track to Completed
    ways = {
        (t.from_status_id, t.to_status_id) for t in default_flow(idea.process_submission_type)[1]
    }
    at, moves = idea.process_created_epoch, []
    while (target := forward.get(idea.phase_status_id)) is not None:
        at += chance.randrange(2, 45) * DAY
        if chance.random() < WAITS or (target == 54 and "DA-VOLUMES" not in idea.answers):
            break
        early = [
            status
            for status, share in _ENDS.items()
            if (idea.phase_status_id, status) in ways and chance.random() * 100 < share
        ]
        target = early[0] if early else target
        if at > now or (idea.phase_status_id, target) not in ways:
            break
        moves.append(
            (idea.process_id, at, idea.owner_user_id, "page", idea.phase_status_id, target, None, 0)
        )
        idea.phase_status_id, idea.status_epoch = target, at
        if early:
            break
    idea.process_updated_epoch = max(idea.process_created_epoch, idea.status_epoch if moves else 0)
    record_store.insert_history(db, moves)


def _discuss(db: Writing, chance: random.Random, idea: Idea, people: Sequence[Account]) -> None:
    """Votes, follows, a question, and a team once the idea is being built."""
    for person in chance.sample(
        people, min(len(people), chance.choices((0, 1, 3, 8), (40, 30, 20, 10))[0])
    ):
        discussions.add_mark(
            db, "vote", idea.process_id, person.user_id, now=idea.process_updated_epoch
        )
        idea.process_num_votes += 1
        if chance.random() < 0.4:
            discussions.add_mark(
                db, "follow", idea.process_id, person.user_id, now=idea.process_updated_epoch
            )
    if chance.random() < 0.15:
        question, answer = chance.choice(_TALK)
        facts = {"process_id": idea.process_id, "created_epoch": idea.process_updated_epoch}
        asked = discussions.insert_comment(
            db,
            facts
            | {
                "comment_text": question,
                "parent_id": None,
                "user_id": chance.choice(people).user_id,
            },
        )
        if chance.random() < 0.7:
            discussions.insert_comment(
                db,
                facts | {"comment_text": answer, "parent_id": asked, "user_id": idea.owner_user_id},
            )
    if 58 <= idea.phase_status_id <= 91:
        team = chance.sample(people, min(len(people), 3))
        idea.seats = sorted(
            {
                *idea.seats,
                *((person.user_id, role) for person, role in zip(team, (3, 4, 6), strict=False)),
            }
        )


def _notify(db: Writing, made: Sequence[Idea], people: Sequence[Account]) -> None:
    """What people were told of their ideas last, and the first of them – who can sign in – of
    ideas to review and to follow."""
    told = {48: "rejected", 49: "duplicate", 51: "approved"}
    for idea in sorted(made, key=lambda idea: idea.status_epoch):
        notice = told.get(idea.phase_status_id, "status changed")
        if idea.phase_status_id != 46 and idea.submitter_user_id:
            whom, by = {idea.submitter_user_id}, idea.owner_user_id
            notices.insert_notifications(
                db,
                notice,
                idea.process_id,
                whom,
                actor_user_id=by,
                reason=None,
                now=idea.status_epoch,
            )
    known = [person.user_id for person in people[:KNOWN]]
    newest = sorted(made, key=lambda idea: -idea.process_created_epoch)
    for idea in reversed([idea for idea in newest if idea.phase_status_id == 46][:8]):
        by, at = idea.submitter_user_id, idea.process_created_epoch
        notices.insert_notifications(
            db, "review asked", idea.process_id, known[:3], actor_user_id=by, reason=None, now=at
        )
    for user_id in known:
        for idea in newest[user_id::9][:6]:
            discussions.add_mark(
                db, "follow", idea.process_id, user_id, now=idea.process_updated_epoch
            )
