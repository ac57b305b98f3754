"""What the sample's ideas have besides: money, components, documents."""

import random
from collections.abc import Sequence

from autohub.access.model import OPERATOR
from autohub.benefits import service as benefits
from autohub.benefits import setup
from autohub.benefits.model import Baseline, BaselinePhase, Cost, Inputs, NewPrice, Rate, Run
from autohub.categories.model import Category
from autohub.components import service as components
from autohub.components import store as component_store
from autohub.components.model import PUBLISHED, SUBMITTED, ComponentStatus, NewComponent, NewOffer
from autohub.db.engine import Writing
from autohub.documents import store as documents
from autohub.ideas import store
from autohub.ideas.model import Idea
from autohub.ideas.rights import find_idea
from autohub.kit.clock import DAY, iso
from autohub.users.model import Account


def add_analysis(db: Writing, chance: random.Random, live: list[Idea], *, now: int) -> None:
    """Prices, plans, costs and what robots really did, for what is Live."""
    setup.set_rate(db, OPERATOR, Rate("EUR", 1.08, "2024-01-01"), now=now)
    price = setup.add_price(
        db,
        OPERATOR,
        NewPrice(
            kind="licence",
            vendor_name="UiPath",
            price_name="Unattended robot",
            price=8000.0,
            currency="USD",
        ),
        now=now,
    )
    for idea in live:
        held = find_idea(db, OPERATOR, idea.process_id)
        days = [to_day(idea.status_epoch - (4 - n) * 30 * DAY) for n in range(5)]
        began = to_day(idea.status_epoch - 150 * DAY)
        phases = [
            BaselinePhase(
                phase_id=4 + n,
                end=days[n],
                start=began if n == 0 else None,
                person_days=float(chance.randint(3, 20)),
                day_rate=640.0,
                currency="EUR",
            )
            for n in range(5)
        ]
        launch = to_day(idea.status_epoch)
        benefits.set_baseline(db, OPERATOR, held, Baseline(phases, launch), now=now)
        costs = [
            Cost(
                kind="running",
                cost_type="licence",
                cost_name="",
                quantity=1.0,
                unit_price=None,
                currency=None,
                price_id=price.price_id,
            ),
            Cost(
                kind="running",
                cost_type="support",
                cost_name="Support",
                quantity=1.0,
                unit_price=1200.0,
                currency="EUR",
            ),
        ]
        benefits.set_costs(db, OPERATOR, held, costs, now=now)
        benefits.set_inputs(db, OPERATOR, held, Inputs(launch_date=launch), now=now)
        hours = _hours(idea)
        weeks = max(0, (now - idea.status_epoch) // (7 * DAY))
        runs = [
            Run(
                started_epoch=idea.status_epoch + week * 7 * DAY,
                runs=chance.randint(20, 200),
                failed=chance.randint(0, 5),
                minutes_saved=round(hours * 60 / 52 * chance.uniform(0.6, 1.1), 1),
            )
            for week in range(min(weeks, 80))
        ]
        if runs:
            benefits.add_runs(db, OPERATOR, held, runs, now=now)


def _hours(idea: Idea) -> float:
    """The hours a year that an idea promises; some when nobody assessed it."""
    return idea.scores.get("process_estimated_benefit_score") or 120.0


def add_components(
    db: Writing, chance: random.Random, tree: list[Category], built: Sequence[Idea], *, now: int
) -> None:
    """Shared parts, and which of them the automations in the making use."""
    ids = []
    for name, kind in (
        ("Read an invoice", "Workflow"),
        ("Sign in to SAP", "Library"),
        ("Send a mail with attachment", "Snippet"),
        ("Retry and log", "Library"),
    ):
        new = NewComponent(
            component_name=name,
            category_id=chance.choice(tree).category_id,
            component_description=f"{name}: tested, documented, ready to use.",
            component_type=kind,
            component_version="1.0",
        )
        made = components.create_component(db, OPERATOR, new, now=now)
        for status in (SUBMITTED, PUBLISHED):
            components.change_status(
                db, OPERATOR, made.component_id, ComponentStatus(status), now=now
            )
        ids.append(made.component_id)
    for idea in built:
        component_store.set_components_of_idea(
            db, idea.process_id, chance.sample(ids, chance.randint(0, 2))
        )


def add_documents(db: Writing, built: Sequence[Idea]) -> None:
    """Links to what stands elsewhere: the further an idea is, the more is written."""
    for idea in built:
        papers = PAPERS[: 1 if idea.phase_status_id < 70 else 2 if idea.phase_status_id < 91 else 3]
        for type_id, title in papers:
            facts = {
                "process_id": idea.process_id,
                "document_title": title,
                "document_description": f"{title} of “{idea.process_name}”.",
            }
            facts |= {
                "document_type_id": type_id,
                "embed_link": f"https://wiki.demo.example/{idea.process_uuid}/{type_id}",
            }
            documents.insert_document(
                db,
                facts
                | {
                    "created_by_user_id": idea.owner_user_id,
                    "document_created_epoch": idea.process_updated_epoch,
                },
            )
        idea.process_num_documents = len(papers)


def offer_in_store(
    db: Writing, chance: random.Random, *, now: int, people: Sequence[Account]
) -> None:
    """Offers some live automations in the store, with reviews."""
    live = [
        i
        for i in store.load_ideas(db, store.ids_after(db, 0, limit=100_000)).values()
        if i.phase_status_id == 91
    ]
    for idea in chance.sample(live, len(live) // 2):
        components.publish_offer(
            db,
            OPERATOR,
            find_idea(db, OPERATOR, idea.process_id),
            NewOffer("Ask the owner for access; it is ready in a day."),
            now=now,
        )
        for person in chance.sample(people, min(len(people), 2)):
            facts = {
                "rating": chance.randint(3, 5),
                "review_text": "Saves us a lot of time.",
                "review_created_epoch": now,
            }
            component_store.save_review(db, idea.process_id, person.user_id, facts)


PAPERS = ((1, "Process definition"), (2, "Solution design"), (4, "How it is run"))
"""Type (contract 4.6) and title of the documents that an idea in the making has."""


def to_day(epoch: int) -> str:
    return iso(epoch)[:10]
