"""The people of a believable sample organisation, the same for the same seed. All of them are
invented."""

import random
import secrets

import msgspec

from autohub.access.model import OPERATOR, RoleGrant
from autohub.access.sessions import hash_password
from autohub.categories import service as categories
from autohub.categories.model import Category
from autohub.db.engine import Database, Writing
from autohub.demo import extras, pipeline
from autohub.kit.clock import now as clock
from autohub.kit.text import slug
from autohub.settings import Settings
from autohub.users import service, store
from autohub.users.model import (
    ACTIVE,
    NOT_INVITED,
    PENDING,
    PENDING_INVITED,
    Account,
    Change,
    Outcome,
    UserEdit,
)
from autohub.users.saving import save_changes

OWNER = "olivia.owner@demo.example"
DOMAIN = "demo.example"

PERSONAS = (
    # those who can sign in with the owner's password, to see the hub as they do: address, first and
    # last name, title, role
    ("pia.manager", "Pia", "Manager", "Head of Programmes", 5),
    ("ivan.approver", "Ivan", "Approver", "Process Expert", 6),
    ("stella.standard", "Stella", "Standard", "Specialist", 8),
)

_PEOPLE = (
    # first names, last names: each pair of lists is one language
    (
        ("Anna", "Lukas", "Jörg", "Sabine", "Käthe"),
        ("Müller", "Weiß", "Schäfer", "Großmann", "Vogt"),
    ),
    (
        ("Chloé", "François", "Zoé", "Étienne", "Noël"),
        ("Lefèvre", "Dubois", "Garçon", "Moreau", "Béranger"),
    ),
    (("Łukasz", "Zofia", "Małgorzata", "Paweł"), ("Wójcik", "Kowalczyk", "Dąbrowski", "Żak")),
    (("Nguyễn", "Linh", "Hằng", "Đức"), ("Trần", "Phạm", "Lê", "Vũ")),
    (("Sofía", "Íñigo", "José", "Núria"), ("Muñoz", "Peña", "Ibáñez", "Gómez")),
    (("Mehmet", "Gül", "Çağla", "İpek"), ("Yılmaz", "Öztürk", "Şahin", "Doğan")),
    (("Emma", "Oliver", "Grace", "Liam"), ("O'Brien", "Smith", "Clarke", "Fitzgerald-Hughes")),
    (("Søren", "Åsa", "Jónas", "Mette"), ("Østergård", "Lindström", "Þórsson", "Kjær")),
    (("Δήμητρα", "Νίκος"), ("Παπαδόπουλος", "Γεωργίου")),
    (("Ольга", "Иван"), ("Соколова", "Петров")),
    (("明", "芳"), ("王", "李")),
    (("さくら", "健"), ("佐藤", "鈴木")),
    (("Aisha", "Omar", "Fatima"), ("Al-Sayed", "Haddad", "Nasser")),
    (("Priya", "Arjun", "Lakshmi"), ("Iyer", "Sharma", "Chatterjee")),
)
_UNITS = {
    "Finance": ("Accounting", "Treasury", "Controlling"),
    "Human Resources": ("Recruiting", "Payroll"),
    "Operations": ("Procurement", "Customer Service", "Logistics"),
    "Information Technology": ("Service Desk", "Infrastructure"),
}
_TITLES = (
    "Analyst",
    "Specialist",
    "Team Lead",
    "Head of Department",
    "Assistant",
    "Process Expert",
)
_CITIES = (
    "Lyon",
    "Graz",
    "Kraków",
    "Hà Nội",
    "Sevilla",
    "İzmir",
    "Galway",
    "Århus",
    "Αθήνα",
    "Pune",
)
_ROLES = (3, 4, 5, 6, 7, 9, 10, 11, 12, 13)
_STATUSES = (
    (1, ACTIVE, 70),
    (1, PENDING_INVITED, 10),
    (1, PENDING, 6),
    (1, NOT_INVITED, 8),
    (0, NOT_INVITED, 6),
)
"""user_is_active, user_invite_status, and how many of a hundred people have them."""


class DemoData(msgspec.Struct):
    people: int
    ideas: int
    owner: str
    password: str


def fill_people(
    database: Database, settings: Settings, *, users: int, ideas: int, seed: int
) -> DemoData | None:
    """Makes people and ideas, all in one transaction; None when there are people already."""
    chance = random.Random(seed)  # noqa: S311 - the same seed must give the same people
    chance.randrange(10**8)  # drawn by earlier releases; a seed still makes the same people
    password = f"demo-{secrets.token_hex(8)}"
    password_hash = hash_password(password)

    def write(db: Writing) -> DemoData | None:
        if store.count_everyone(db):
            return None
        now = clock()
        owner = UserEdit(
            OWNER,
            user_first_name="Olivia",
            user_last_name="Owner",
            user_job_title="Head of Automation",
            user_business_unit="Operations",
        )
        service.register_first_user(
            db, owner, password_hash=password_hash, settings=settings, now=now
        )
        tops = {node.category_name: node for node in categories.get_hierarchy(db).categories}
        known = [_persona(*facts) for facts in PERSONAS[: users - 1]]
        others = [_person(chance, number, tops) for number in range(2 + len(known), users + 1)]
        save_changes(
            db,
            OPERATOR,
            [Change(None, outcome) for outcome in (*known, *others)],
            settings=settings,
            now=now,
        )
        for number in range(2, 2 + len(known)):
            store.set_columns(db, number, {"password_hash": password_hash, "registered_epoch": now})
        active = [
            account
            for account in store.load_accounts(db, range(1, users + 1)).values()
            if account.works
        ]
        count = pipeline.fill_pipeline(db, chance, active, ideas=ideas, now=now) if ideas else 0
        extras.offer_in_store(db, chance, now=now, people=active)
        return DemoData(people=users, ideas=count, owner=OWNER, password=password)

    return database.write(write)


def _persona(address: str, first: str, last: str, title: str, role_id: int) -> Outcome:
    grants = tuple(sorted({RoleGrant(8, 0), RoleGrant(role_id, 0)}))
    account = Account(
        user_id=0,
        user_email=f"{address}@{DOMAIN}",
        user_first_name=first,
        user_last_name=last,
        user_job_title=title,
        user_business_unit="Operations",
        user_department="Customer Service",
        user_location="Lyon",
        user_is_active=1,
        user_invite_status=ACTIVE,
        has_registered=True,
        is_trashed=False,
        person_key=b"",
        grants=grants,
    )
    return Outcome(account, sends_invitation=False)


def _person(chance: random.Random, number: int, tops: dict[str, Category]) -> Outcome:
    firsts, lasts = chance.choice(_PEOPLE)
    first, last = chance.choice(firsts), chance.choice(lasts)
    name = slug(f"{first} {last}").replace("-", ".")
    email = f"{name if name.isascii() else 'person'}.{number}@{DOMAIN}"
    unit = chance.choice(tuple(_UNITS))
    active, invite = chance.choices([s[:2] for s in _STATUSES], [s[2] for s in _STATUSES])[0]
    grants = {RoleGrant(8, 0)}
    if chance.random() < 0.3:
        top = tops[unit]
        below = chance.choice((top, *top.subcategories))
        grants.add(RoleGrant(chance.choice(_ROLES), below.category_id))
    if chance.random() < 0.01:
        grants.add(RoleGrant(2, 0))
    account = Account(
        user_id=0,
        user_email=email,
        user_first_name=first,
        user_last_name=last,
        user_job_title=chance.choice(_TITLES),
        user_business_unit=unit,
        user_department=chance.choice(_UNITS[unit]),
        user_location=chance.choice(_CITIES),
        user_is_active=active,
        user_invite_status=invite,
        has_registered=False,
        is_trashed=False,
        person_key=b"",
        grants=tuple(sorted(grants)),
    )
    return Outcome(account, sends_invitation=invite == PENDING_INVITED)
