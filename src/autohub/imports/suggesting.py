"""What the columns of somebody's table of ideas are likely to be."""

from collections.abc import Iterable

from autohub.assessments.model import Question
from autohub.imports.model import FIELDS
from autohub.kit.matching import Meaning, match_columns, plain


def _split(text: str) -> frozenset[str]:
    """'use case, idea' -> both of them."""
    return frozenset(name.strip() for name in text.split(",") if name.strip())


_IDEA = _split(
    "idea, ideas, process, automation, use, case, project, initiative, opportunity, candidate, "
    "request, proposal, bot, current, proposed, main, short, brief, full, original"
)
"""Words that tell nothing of a column beside another one: the whole table is about them."""


def _often(names: str, nouns: str = "", perhaps: str = "", *, behind_any: str = "") -> Meaning:
    return Meaning(
        names=_split(names),
        perhaps=_split(perhaps),
        nouns=_split(nouns),
        beside=_IDEA,
        behind_any=_split(behind_any),
    )


OFTEN = {
    "process_name": _often(
        "name, title, titel, bezeichnung, nom, titre, nombre, titulo, nome, naam, nazwa, 名称, "
        "名前",
        "name, title",
        "idea, automation, process, use case, project, initiative, subject, summary, projekt",
    ),
    "process_description": _often(
        "description, beschreibung, descripcion, descrizione, descricao, omschrijving, opis, "
        "details, 説明, 描述",
        "description, details",
        "summary, problem, problem statement, background, about, purpose, overview, abstract, "
        "what it is",
    ),
    "category": _often(
        "category, kategorie, categorie, categoria, area, bereich, department, abteilung, "
        "departement, service, departamento, unit, division, agency, bureau, team, function, "
        "business unit, business area, functional area, org unit, organisation unit, "
        "organizational unit, afdeling, dzial",
        "category",
        "domain, office, group, process area",
        behind_any="area, department, unit, division",
    ),
    "status": _often(
        "status, stage, state, phase, statut, estado, stato, estagio, fase, etat",
        behind_any="status, stage, phase, state",
    ),
    "owner": _often(
        "owner, responsible, process owner, verantwortlich, verantwortlicher, responsable, "
        "responsabile, business owner, product owner, assignee, eigentumer",
        "owner",
        "sponsor, lead, contact, responsible person",
    ),
    "submitter": _often(
        "submitter, requester, requestor, author, proposer, creator, reporter, submitted by, "
        "requested by, created by, proposed by, raised by, suggested by, einreicher, auteur",
        "submitter, requester, requestor, author, proposer",
    ),
    "import_key": _often(
        "id, key, number, no, reference, ref, nr, nummer, issue key, record id, row id, numero",
        "id, key, number, reference, ref",
        "ticket, code",
    ),
    "process_created_epoch": _often(
        "created, created at, created on, creation date, date created, submitted, submitted at, "
        "submitted on, submission date, date submitted, erstellt, date de creation",
        "created",
        "date, datum, fecha, timestamp, received, date received",
    ),
    "process_priority": _often(
        "priority, importance, urgency, prioritat, priorite, prioridad, priorita",
        behind_any="priority",
    ),
    "applications": _often(
        "applications, systems, software, tools, apps, systems used, tools used, software used, "
        "systems involved, applications used, applications involved, anwendungen, systeme",
        "applications, systems",
    ),
    "tags": _often("tags, labels, keywords, schlagworte, etiquettes, etiquetas", "tags, keywords"),
}
"""What columns of somebody's own are often called, in plain words (kit.matching)."""

_KNOWN = frozenset(plain(name) for name in (*FIELDS, *FIELDS.values())).union(
    *((about.names | about.perhaps) for about in OFTEN.values())
)


def is_known(heading: str) -> bool:
    """Whether a heading is what the hub or many people call one of an idea's fields."""
    return plain(heading) in _KNOWN


def suggest_meanings(headings: Iterable[str], questions: dict[str, Question]) -> dict[str, str]:
    """The likeliest meaning of each heading: a field of FIELDS, a question's key, or a question's
    comment. No meaning is given twice."""
    meanings = {
        name: OFTEN.get(name, Meaning())._replace(
            names=OFTEN.get(name, Meaning()).names | {plain(name), plain(label)}
        )
        for name, label in FIELDS.items()
    }
    for key, question in questions.items():
        title = plain(question.title)
        meanings.setdefault(key, Meaning(names=frozenset((title, plain(key))), title=title))
        meanings[f"{key} comment"] = Meaning(names=frozenset((plain(f"{key} comment"),)))
    return match_columns(headings, meanings)
