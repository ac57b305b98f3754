"""A pipeline of invented ideas for the sample organisation, the same for the same seed and day."""

import random
import uuid
from collections.abc import Sequence
from typing import Any

from autohub.access.model import OPERATOR
from autohub.apps import service as apps
from autohub.assessments.defaults import HIGH_LEVEL_QUESTIONS, high_level_code
from autohub.benefits import service as benefits
from autohub.benefits import setup
from autohub.benefits.model import Baseline, BaselinePhase, Cost, Inputs, NewPrice, Rate, Run
from autohub.categories import service as categories
from autohub.categories.model import Category
from autohub.components import service as components
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED, SUBMITTED, ComponentStatus, NewComponent, NewOffer
from autohub.db.engine import Writing
from autohub.discussions import store as discussions
from autohub.documents import store as documents
from autohub.flows.model import default_flow
from autohub.ideas import scoring, store
from autohub.ideas.model import Idea, name_key
from autohub.ideas.submission import Intake, Wanted, checked, insert
from autohub.kit.clock import DAY, iso
from autohub.notices import store as notices
from autohub.users.model import Account

_VERBS = ("Check", "Enter", "Match", "Send", "Reconcile", "Archive", "Forward", "Compare", "Collect", "Approve", "Schedule", "Update")
_THINGS = {
    "Finance": ("supplier invoices", "travel expenses", "bank statements", "dunning letters", "cost centre reports", "payment runs"),
    "Human Resources": ("applications", "contracts of new colleagues", "time sheets", "holiday requests", "training records", "payslips"),
    "Operations": ("purchase orders", "delivery notes", "claims of customers", "stock counts", "supplier questionnaires", "route plans"),
    "Information Technology": ("access requests", "password resets", "licence lists", "server alerts", "change tickets", "asset records"),
}
_WHERE = ("in SAP", "by mail", "in three spreadsheets", "in the old portal", "on paper", "in Salesforce", "between two systems")
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
_PAPERS = ((1, "Process definition"), (2, "Solution design"), (4, "How it is run"))
"""Type (contract 4.6) and title of the documents that an idea in the making has."""
_ENDS = {48: 6, 49: 3, 50: 3, 55: 4, 57: 3}
"""Statuses at which an idea's walk ends early, and how many of a hundred end there."""
KNOWN = 4
"""How many of the first people can sign in."""
WAITS = 0.07
"""How likely an idea stays where it is, for whatever reason."""


def fill(db: Writing, chance: random.Random, people: Sequence[Account], *, ideas: int, now: int) -> int:
    """Makes the ideas with their history, teams, votes, comments, plans and runs; returns how many. `people` are active."""
    tree = categories.hierarchy(db).categories
    app_ids = [apps.add_by_end_user(db, OPERATOR, name, version, "", tree[0].category_id, now=now) for name, version in _APPS]
    intake = Intake(db, OPERATOR)
    today = now - now % DAY
    made = [_idea(chance, intake, tree, people, app_ids, now=today) for _ in range(ideas)]
    _name_apart(made)
    for idea, process_id in zip(made, store.reserve(db, len(made)), strict=True):
        idea.process_id = process_id
    insert(db, OPERATOR, intake, made, now=now)
    for idea in made:
        _walk(db, chance, idea, now=today)
        _talk(db, chance, idea, people)
    _tell(db, made, people)
    built = [idea for idea in made if 58 <= idea.phase_status_id <= 91]
    _components(db, chance, tree, built, now=now)
    _documents(db, built)
    scoring.save(db, made)
    _money(db, chance, [idea for idea in made if idea.phase_status_id == 91], now=now)
    return len(made)


def _idea(chance: random.Random, intake: Intake, tree: list[Category], people: Sequence[Account], app_ids: list[int], *, now: int) -> Idea:
    top = chance.choice([node for node in tree if node.category_name in _THINGS])
    place = chance.choice([leaf for child in top.subcategories for leaf in (child, *child.subcategories)])
    thing = chance.choice(_THINGS[top.category_name])
    name = f"{chance.choice(_VERBS)} {thing} {chance.choice(_WHERE)}"
    type_ = chance.choices((1, 2, 4, 7), (70, 20, 5, 5))[0]
    submitter, owner = chance.choice(people), chance.choice(people)
    wanted = Wanted(
        type_,
        process_name=name,
        process_description=f"{name}: today this is done by hand, case by case.\n{chance.choice(_PAINS)}",
        category_id=place.category_id,
        owner=owner.user_email,
        submitter=submitter.user_email,
        applications=chance.sample(app_ids, chance.randint(0, 3)),
        tags=chance.sample(_TAGS, chance.randint(0, 2)),
        created_epoch=now - chance.choice((chance.randrange(1, 40), chance.randrange(40, 600))) * DAY + chance.randrange(8, 18) * DAY // 24,
    )
    wanted.answers = _answers(chance, type_)
    idea = checked(intake, wanted, now=now)
    idea.process_uuid = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    idea.process_priority = chance.choice((None, None, "High", "Medium", "Low"))
    idea.status_epoch = idea.process_created_epoch
    return idea


def _answers(chance: random.Random, type_: int) -> dict[str, dict[str, Any]]:
    answers: dict[str, Any] = {"OVR-OVERVIEW_PAIN_POINTS": chance.choice(_PAINS)}
    if type_ in (1, 7):
        for index, (key, _, _) in enumerate(HIGH_LEVEL_QUESTIONS):
            answers[f"HLA-{key.upper()}"] = high_level_code(index, chance.choices((1, 2, 3, 4, 5), (5, 15, 30, 30, 20))[0])
    if type_ in (2, 4) or chance.random() < 0.85:
        change = ("no-change-expected", "minor-change-expected", "some-change-expected")
        answers |= {
            "DA-AUTOMATION_GOAL": f"automation-goal-{chance.choice(('cost', 'quality', 'productivity'))}",
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


def _walk(db: Writing, chance: random.Random, idea: Idea, *, now: int) -> None:
    """Moves an idea along its flow, as far as its age lets it, and notes every move."""
    forward = {46: 51, 51: 54, 53: 54, 54: 56, 56: 58, 58: 59, 64: 65, 70: 71, 76: 77, 82: 83, 88: 91}
    forward |= {start: start + 5 for start in (59, 65, 71, 77, 83)}  # On track to Completed
    ways = {(t.from_status_id, t.to_status_id) for t in default_flow(idea.process_submission_type)[1]}
    at, moves = idea.process_created_epoch, []
    while (target := forward.get(idea.phase_status_id)) is not None:
        at += chance.randrange(2, 45) * DAY
        if chance.random() < WAITS or (target == 54 and "DA-VOLUMES" not in idea.answers):
            break
        early = [status for status, share in _ENDS.items() if (idea.phase_status_id, status) in ways and chance.random() * 100 < share]
        target = early[0] if early else target
        if at > now or (idea.phase_status_id, target) not in ways:
            break
        moves.append((idea.process_id, at, idea.owner_user_id, "page", idea.phase_status_id, target, None, 0))
        idea.phase_status_id, idea.status_epoch = target, at
        if early:
            break
    idea.process_updated_epoch = max(idea.process_created_epoch, idea.status_epoch if moves else 0)
    store.add_history(db, moves)


def _talk(db: Writing, chance: random.Random, idea: Idea, people: Sequence[Account]) -> None:
    """Votes, follows, a question, and a team once the idea is being built."""
    for person in chance.sample(people, min(len(people), chance.choices((0, 1, 3, 8), (40, 30, 20, 10))[0])):
        discussions.put(db, "vote", idea.process_id, person.user_id, now=idea.process_updated_epoch)
        idea.process_num_votes += 1
        if chance.random() < 0.4:
            discussions.put(db, "follow", idea.process_id, person.user_id, now=idea.process_updated_epoch)
    if chance.random() < 0.15:
        question, answer = chance.choice(_TALK)
        facts = {"process_id": idea.process_id, "created_epoch": idea.process_updated_epoch}
        asked = discussions.add_comment(db, facts | {"comment_text": question, "parent_id": None, "user_id": chance.choice(people).user_id})
        if chance.random() < 0.7:
            discussions.add_comment(db, facts | {"comment_text": answer, "parent_id": asked, "user_id": idea.owner_user_id})
    if 58 <= idea.phase_status_id <= 91:
        team = chance.sample(people, min(len(people), 3))
        idea.seats = sorted({*idea.seats, *((person.user_id, role) for person, role in zip(team, (3, 4, 6), strict=False))})


def _tell(db: Writing, made: Sequence[Idea], people: Sequence[Account]) -> None:
    """What people were told of their ideas last, and the first of them – who can sign in – of ideas to review and to follow."""
    told = {48: "rejected", 49: "duplicate", 51: "approved"}
    for idea in sorted(made, key=lambda idea: idea.status_epoch):
        notice = told.get(idea.phase_status_id, "status changed")
        if idea.phase_status_id != 46 and idea.submitter_user_id:
            whom, by = {idea.submitter_user_id}, idea.owner_user_id
            notices.show(db, notice, idea.process_id, whom, actor_user_id=by, reason=None, now=idea.status_epoch)
    known = [person.user_id for person in people[:KNOWN]]
    newest = sorted(made, key=lambda idea: -idea.process_created_epoch)
    for idea in reversed([idea for idea in newest if idea.phase_status_id == 46][:8]):
        by, at = idea.submitter_user_id, idea.process_created_epoch
        notices.show(db, "review asked", idea.process_id, known[:3], actor_user_id=by, reason=None, now=at)
    for user_id in known:
        for idea in newest[user_id::9][:6]:
            discussions.put(db, "follow", idea.process_id, user_id, now=idea.process_updated_epoch)


def _money(db: Writing, chance: random.Random, live: list[Idea], *, now: int) -> None:
    """Prices, plans, costs and what robots really did, for what is Live."""
    setup.set_rate(db, OPERATOR, Rate("EUR", 1.08, "2024-01-01"), now=now)
    price = setup.add_price(db, OPERATOR, NewPrice("licence", "UiPath", "Unattended robot", 8000.0, "USD"), now=now)
    for idea in live:
        days = [_day(idea.status_epoch - (4 - n) * 30 * DAY) for n in range(5)]
        began = _day(idea.status_epoch - 150 * DAY)
        phases = [BaselinePhase(4 + n, days[n], began if n == 0 else None, float(chance.randint(3, 20)), 640.0, "EUR") for n in range(5)]
        launch = _day(idea.status_epoch)
        benefits.set_baseline(db, OPERATOR, idea.process_id, Baseline(phases, launch), now=now)
        costs = [Cost("running", "licence", "", 1.0, None, None, price.price_id), Cost("running", "support", "Support", 1.0, 1200.0, "EUR")]
        benefits.set_costs(db, OPERATOR, idea.process_id, costs, now=now)
        benefits.set_inputs(db, OPERATOR, idea.process_id, Inputs(launch_date=launch), now=now)
        hours = _hours(idea)
        weeks = max(0, (now - idea.status_epoch) // (7 * DAY))
        runs = [
            Run(
                idea.status_epoch + week * 7 * DAY,
                chance.randint(20, 200),
                chance.randint(0, 5),
                round(hours * 60 / 52 * chance.uniform(0.6, 1.1), 1),
            )
            for week in range(min(weeks, 80))
        ]
        if runs:
            benefits.add_runs(db, OPERATOR, idea.process_id, runs, now=now)


def _hours(idea: Idea) -> float:
    """The hours a year that an idea promises; some when nobody assessed it."""
    return idea.scores.get("process_estimated_benefit_score") or 120.0


def _components(db: Writing, chance: random.Random, tree: list[Category], built: Sequence[Idea], *, now: int) -> None:
    """Shared parts, and which of them the automations in the making use."""
    ids = []
    for name, kind in (
        ("Read an invoice", "Workflow"),
        ("Sign in to SAP", "Library"),
        ("Send a mail with attachment", "Snippet"),
        ("Retry and log", "Library"),
    ):
        new = NewComponent(name, chance.choice(tree).category_id, f"{name}: tested, documented, ready to use.", kind, "1.0")
        made = components.add(db, OPERATOR, new, now=now)
        for status in (SUBMITTED, PUBLISHED):
            components.change_status(db, OPERATOR, made.component_id, ComponentStatus(status), now=now)
        ids.append(made.component_id)
    for idea in built:
        component_store.set_used(db, idea.process_id, chance.sample(ids, chance.randint(0, 2)))


def _documents(db: Writing, built: Sequence[Idea]) -> None:
    """Links to what stands elsewhere: the further an idea is, the more is written."""
    for idea in built:
        papers = _PAPERS[: 1 if idea.phase_status_id < 70 else 2 if idea.phase_status_id < 91 else 3]
        for type_id, title in papers:
            facts = {"process_id": idea.process_id, "document_title": title, "document_description": f"{title} of “{idea.process_name}”."}
            facts |= {"document_type_id": type_id, "embed_link": f"https://wiki.demo.example/{idea.process_uuid}/{type_id}"}
            documents.add(db, facts | {"created_by_user_id": idea.owner_user_id, "document_created_epoch": idea.process_updated_epoch})
        idea.process_num_documents = len(papers)


def offer(db: Writing, chance: random.Random, *, now: int, people: Sequence[Account]) -> None:
    """Offers some live automations in the store, with reviews."""
    live = [i for i in store.load(db, store.ids_after(db, 0, limit=100_000)).values() if i.phase_status_id == 91]
    for idea in chance.sample(live, len(live) // 2):
        components.publish(db, OPERATOR, idea.process_id, NewOffer("Ask the owner for access; it is ready in a day."), now=now)
        for person in chance.sample(people, min(len(people), 2)):
            facts = {"rating": chance.randint(3, 5), "review_text": "Saves us a lot of time.", "review_created_epoch": now}
            component_store.put_review(db, idea.process_id, person.user_id, facts)


def _day(epoch: int) -> str:
    return iso(epoch)[:10]
