"""What is said of the key by which a row is found again."""

from autohub.audit import store as audit
from autohub.db.engine import Reading
from autohub.ideas.model import Idea
from autohub.imports.mapping import Mapping
from autohub.imports.rows import TableRow
from autohub.kit.clock import iso
from autohub.kit.sentences import say
from autohub.kit.text import shorten
from autohub.users import store as user_store


def find_key_heading(row: TableRow, mapping: Mapping) -> str:
    """The column by which a row is found again, as the report names it."""
    if "import_key" in row.fields:
        return row.wanted.fields.get("import_key", "import_key")
    return mapping.key[0] if mapping.key else row.wanted.fields.get("process_name", "process_name")


def describe_deleted(db: Reading, idea: Idea, row: TableRow, mapping: Mapping) -> str:
    """What a row is told whose idea was deleted: it stays so, and how to go on."""
    process_id, day = idea.process_id, iso(idea.process_updated_epoch)[:10]
    actor_id = audit.find_last_actor(db, "delete idea", "idea", process_id)
    names = user_store.full_names(db, [actor_id]) if actor_id is not None else {}
    if name := names.get(actor_id or 0):
        day = say("{day} by {name}", day=day, name=name)
    if "import_key" in row.fields:
        return say(
            "“{key}” is the key of idea {process_id}, which was deleted on {day}; leave the row "
            "out, or give it another key to add it as a new idea.",
            key=shorten(row.key),
            process_id=process_id,
            day=day,
        )
    return say(
        "is the key of idea {process_id}, which was deleted on {day}; leave the row out, or change "
        "{columns} to add it as a new idea.",
        process_id=process_id,
        day=day,
        columns=" and ".join(f"“{heading}”" for heading in mapping.key) or "the name",
    )
