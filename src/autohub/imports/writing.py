"""What the rows of a table make of ideas, part by part in one transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec

from autohub.access.model import Caller, Right, actor
from autohub.audit import store as audit
from autohub.categories import service as categories
from autohub.categories.model import MAX_NAME, Category, shorten_names
from autohub.db.engine import Writing
from autohub.flows import model as flow_model
from autohub.flows import service as flows
from autohub.flows import store as flow_store
from autohub.ideas import record_store, scoring, store
from autohub.ideas.model import Idea, name_key
from autohub.ideas.submission import SubmissionContext, check_new_idea, insert_new_ideas
from autohub.imports import merging, people
from autohub.imports import store as records
from autohub.imports.applications import NamedApplications
from autohub.imports.keys import describe_deleted, find_key_heading
from autohub.imports.mapping import Mapping, Prefer
from autohub.imports.model import Outcome, RowResult
from autohub.imports.previewing import ChangedIdea, describe_changes
from autohub.imports.rights import ImporterRights
from autohub.imports.rows import TableRow, number_name
from autohub.imports.store import Said
from autohub.kit.errors import HubError, Invalid
from autohub.kit.sentences import say
from autohub.kit.text import fold, shorten
from autohub.settings import Settings


class ImportPart:
    """Some rows in one transaction."""

    def __init__(
        self,
        db: Writing,
        caller: Caller,
        mapping: Mapping,
        written: dict[int, int],
        *,
        lists_changes: bool,
        settings: Settings,
        now: int,
    ) -> None:
        """`written` is the row that each idea was made or changed by so far; with
        `lists_changes` each result says what changes field by field."""
        self._lists_changes = lists_changes
        self._written = dict(written)
        self.db, self.caller, self.mapping, self.settings, self.now = (
            db,
            caller,
            mapping,
            settings,
            now,
        )
        self.flow = flows.get_flow(db, mapping.idea_flow_id)
        self.within = flow_model.statuses_of(self.flow.start_status_id, self.flow.transitions)
        self._rights = ImporterRights(db, caller)
        self._named_applications = NamedApplications(db, caller, now=now)
        self._said: dict[int, Said] = {}
        self._numbers: dict[str, int] = {}  # what comes next behind a name that is taken
        self.statuses = {i: s.phase_status_key for i, s in flow_store.all_statuses(db).items()}

    def write(self, rows: list[TableRow]) -> list[RowResult]:
        self.db.lock(
            "idea import"
        )  # of two imports of one new key the second one finds the first one's idea
        known = self._known(rows)
        self._said = records.said_of(self.db, [idea.process_id for idea in known.values()])
        same = {row.number for row in rows if _is_unchanged(row, known.get(row.key))}
        fresh = [row for row in rows if row.number not in same and not row.wanted.extra_faults]
        if self.mapping.create_categories and self._rights.may_add_categories:
            self._make_categories(fresh)
        if self.mapping.create_people:
            people.create_missing_users(
                self.db,
                self.caller,
                [p for r in fresh for p in (r.wanted.owner, r.wanted.submitter) if p],
                settings=self.settings,
                now=self.now,
            )
        intake = SubmissionContext(self.db, self.caller)
        intake.people.learn(
            [person for row in fresh for person in (row.wanted.owner, row.wanted.submitter)]
        )
        paths = (
            _paths(categories.get_hierarchy(self.db).categories) if len(same) < len(rows) else {}
        )
        taken = store.find_taken_names(
            self.db, self.caller, [name_key(row.base_name) for row in fresh]
        )
        results: dict[int, RowResult] = {}
        new: list[tuple[TableRow, Idea]] = []
        changed: list[tuple[TableRow, Idea, dict[str, Any]]] = []
        said: dict[int, Said] = {}
        for row in rows:
            before = known.get(row.key)
            if before is not None and row.number in same:
                results[row.number] = RowResult(
                    row=row.number,
                    process_id=before.process_id,
                    process_name=before.process_name,
                    outcome="unchanged",
                )
                continue
            try:
                made = self._idea(intake, row, paths, taken, before)
            except HubError as error:
                errors = error.details or {"row": [error.message]}
                results[row.number] = RowResult(
                    row=row.number,
                    process_id=None,
                    process_name=row.base_name or None,
                    outcome="failed",
                    notes=row.notes,
                    errors=errors,
                )
                continue
            outcome: Outcome = "created"
            idea = made
            if before is None:
                new.append((row, idea))
            else:
                idea, said[before.process_id] = _merge(
                    before,
                    made,
                    row,
                    self._said.get(before.process_id, {}),
                    prefer=self.mapping.prefer,
                )
                outcome = "updated" if _differs(before, idea) else "unchanged"
                changed.append((row, idea, msgspec.to_builtins(before)))
            taken[name_key(idea.process_name)] = before.process_id if before else -row.number
            results[row.number] = RowResult(
                row=row.number,
                process_id=before.process_id if before else None,
                process_name=idea.process_name,
                outcome=outcome,
                notes=row.notes,
            )
        self._insert(intake, new, results)
        self._update(changed)
        said |= {idea.process_id: merging.first_said(row, idea) for row, idea in new}
        records.keep_said(self.db, said)
        if self._lists_changes:
            self._list_changes(changed, results)
        return [results[row.number] for row in rows]

    def _list_changes(
        self,
        changed: list[tuple[TableRow, Idea, dict[str, Any]]],
        results: dict[int, RowResult],
    ) -> None:
        ideas = [
            ChangedIdea(row, before, idea)
            for row, idea, before in changed
            if results[row.number].outcome == "updated"
        ]
        for number, changes in describe_changes(self.db, ideas, self.statuses).items():
            results[number].changes = changes

    def _known(self, rows: list[TableRow]) -> dict[str, Idea]:
        """The ideas that these rows are about, by the rows' keys. Rows about a deleted one, or
        one of another row, are told so."""
        ids = store.ids_by_import_key(self.db, [row.key for row in rows])
        found = store.load_ideas(self.db, list(set(ids.values())), lock=True)
        locked = self._rights.find_locked(found.values())
        for row in rows:
            idea = found.get(ids.get(row.key, 0))
            if idea is None:
                continue
            first = self._written.setdefault(idea.process_id, row.number)
            if idea.process_id in locked:
                told = say(
                    "“{key}” is the key of an idea that you may not change.", key=shorten(row.key)
                )
            elif idea.process_is_deleted:
                told = describe_deleted(self.db, idea, row, self.mapping)
            elif first != row.number:
                told = say(
                    "“{key}” is idea {process_id}, which row {first} is about as well; "
                    "keep one of them.",
                    key=shorten(row.key),
                    process_id=idea.process_id,
                    first=first,
                )
            else:
                continue
            row.wanted.extra_faults.setdefault(find_key_heading(row, self.mapping), [told])
        return {key: found[process_id] for key, process_id in ids.items()}

    def _make_categories(self, rows: list[TableRow]) -> None:
        chains = {tuple(self._short(row.category)) for row in rows if row.category}
        paths = _paths(categories.get_hierarchy(self.db).categories)
        missing = [list(chain) for chain in sorted(chains) if tuple(map(fold, chain)) not in paths]
        if missing and all(0 < len(name) <= MAX_NAME for chain in missing for name in chain):
            categories.add_chains(self.db, self.caller, missing, now=self.now)

    def _short(self, chain: Sequence[str] | None) -> list[str]:
        """The names of a chain, shortened where that is wanted; each long name has one short
        form."""
        names = list(chain or ())
        if not self.mapping.shorten_categories:
            return names
        return [shorten_names([name])[name] if len(name) > MAX_NAME else name for name in names]

    def _idea(
        self,
        intake: SubmissionContext,
        row: TableRow,
        paths: dict[tuple[str, ...], int],
        taken: dict[str, int],
        before: Idea | None,
    ) -> Idea:
        """The idea that a row makes on its own. Raises HubError."""
        wanted = row.wanted
        if (
            wanted.owner
            and intake.people.id_of(wanted.owner)
            and (fault := intake.people.find_fault(wanted.owner))
        ):
            row.notes.append(fault)
        chain = self._short(row.category)
        if chain != (row.category or []):
            row.notes.append(
                say("The category was shortened to “{chain}”.", chain=" > ".join(chain))
            )
        wanted.category_id = paths.get(tuple(map(fold, chain))) if chain else None
        heading = (
            self.mapping.category[0]
            if self.mapping.category
            else wanted.fields.get("category", "category")
        )
        wanted.fields = wanted.fields | {"category_id": heading}
        if chain and wanted.category_id is None:
            wanted.extra_faults[heading] = [
                say(
                    "There is no category “{chain}”; create it, or let the import make "
                    "what is not there (create_categories).",
                    chain=" > ".join(chain),
                )
            ]
        if not wanted.process_description:
            wanted.extra_faults[wanted.fields.get("process_description", "process_description")] = [
                "is required; say in the mapping what counts where the cell is empty."
            ]
        wanted.applications = self._named_applications.find(row, wanted.category_id)
        intake.learn_applications(wanted.applications)
        wanted.idea_flow_id = self.flow.idea_flow_id
        if wanted.phase_status_id is not None and wanted.phase_status_id not in self.within:
            status = self.statuses[wanted.phase_status_id]
            wanted.extra_faults[wanted.fields.get("status", "status")] = [
                say(
                    "{status} is not in the flow “{idea_flow_name}”.",
                    status=status,
                    idea_flow_name=self.flow.idea_flow_name,
                )
            ]
        self._check_move(intake, row, before)
        idea = check_new_idea(intake, wanted, now=self.now)
        idea.import_hash = row.digest
        idea.process_priority = row.fields.get("process_priority")
        idea.category_other_text = row.fields.get("category_other_text")
        self._name(row, idea, taken, before)
        return idea

    def _check_move(self, intake: SubmissionContext, row: TableRow, before: Idea | None) -> None:
        """Adds a fault for a status that the caller may not give by hand either."""
        wanted = row.wanted
        place = intake.category(wanted.category_id)
        plain = (None, self.flow.start_status_id, before and before.phase_status_id)
        if wanted.phase_status_id not in plain and place and not self._rights.may_move(place[1]):
            wanted.extra_faults[wanted.fields.get("status", "status")] = [
                say(
                    "You may not set the status of ideas there; leave it empty, or ask for the "
                    "right “{right}”.",
                    right=Right.UPDATE_STATUS.value,
                )
            ]

    def _name(self, row: TableRow, idea: Idea, taken: dict[str, int], before: Idea | None) -> None:
        """Numbers a name that is taken, when the mapping says so. Raises Invalid otherwise."""
        mine = before.process_id if before else 0
        if before is not None and merging.is_as_before(
            self._said.get(mine, {}), "process_name", row.base_name
        ):
            idea.process_name = before.process_name
            return
        if taken.get(name_key(idea.process_name), mine) == mine:
            return
        if before is not None and name_key(before.process_name).startswith(
            name_key(row.base_name)[:90]
        ):
            idea.process_name = before.process_name  # it was numbered when it came first
            return
        other = taken[name_key(idea.process_name)]
        where = f"row {-other}" if other < 0 else f"idea {other}"
        if self.mapping.taken_names == "refuse":
            heading = row.wanted.fields.get("process_name", "process_name")
            raise Invalid(
                "The name is taken.",
                details={
                    heading: [
                        say(
                            "“{process_name}” is the name of {where} as well.",
                            process_name=idea.process_name,
                            where=where,
                        )
                    ]
                },
            )
        number = self._numbers.get(name_key(row.base_name), 2)
        while True:
            name = number_name(row.base_name, number)
            if taken.get(name_key(name), mine) == mine and not store.find_taken_names(
                self.db, self.caller, [name_key(name)], other_than=mine
            ):
                break
            number += 1
        self._numbers[name_key(row.base_name)] = number + 1
        idea.process_name = name
        row.notes.append(
            say(
                "Possible duplicate of {where}: the name is taken, and became “{name}”.",
                where=where,
                name=name,
            )
        )

    def _insert(
        self,
        intake: SubmissionContext,
        new: list[tuple[TableRow, Idea]],
        results: dict[int, RowResult],
    ) -> None:
        if not new:
            return
        for (row, idea), process_id in zip(
            new, record_store.reserve_ids(self.db, len(new)), strict=True
        ):
            idea.process_id = process_id
            results[row.number].process_id = process_id
        insert_new_ideas(
            self.db, self.caller, intake, [idea for _, idea in new], door="import", now=self.now
        )

    def _update(self, changed: list[tuple[TableRow, Idea, dict[str, Any]]]) -> None:
        if not changed:
            return
        who = actor(self.caller)
        moves, entries = [], []
        for _, idea, before in changed:
            after = msgspec.to_builtins(idea)
            differing = sorted(
                name for name in after if after[name] != before[name] and name != "scores"
            )
            old, new = ({name: facts[name] for name in differing} for facts in (before, after))
            entries.append(
                audit.build_entry(
                    who,
                    "import idea",
                    "idea",
                    idea.process_id,
                    now=self.now,
                    before=old,
                    after=new,
                    key=None,
                )
            )
            if idea.phase_status_id != before["phase_status_id"]:
                moves.append(
                    (
                        idea.process_id,
                        self.now,
                        who.user_id,
                        who.door,
                        before["phase_status_id"],
                        idea.phase_status_id,
                        "Import",
                        1,
                    )
                )
        scoring.save_ideas(self.db, [idea for _, idea, _ in changed])
        record_store.insert_history(self.db, moves)
        audit.add_many(self.db, entries)


def _merge(
    before: Idea, made: Idea, row: TableRow, said: Said, *, prefer: Prefer
) -> tuple[Idea, Said]:
    idea, known = merging.merge(before, made, row, said, prefer=prefer)
    agree = all(
        merging.is_as_before(known, cell.field, cell.text) for cell in merging.said_by(row, made)
    )
    idea.import_hash = (
        row.digest if agree else None
    )  # where they do not agree, the row is looked at again
    if idea.phase_status_id != before.phase_status_id:
        idea.status_epoch = made.process_updated_epoch
    idea.process_updated_epoch = (
        made.process_updated_epoch if _differs(before, idea) else before.process_updated_epoch
    )
    return idea, known


def _is_unchanged(row: TableRow, before: Idea | None) -> bool:
    return before is not None and before.import_hash == row.digest and not row.wanted.extra_faults


def _differs(before: Idea, after: Idea) -> bool:
    ignored = {"scores", "import_hash", "process_updated_epoch", "status_epoch"}
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    return any(old[name] != new[name] for name in old if name not in ignored)


def _paths(tree: list[Category], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """Every category by its folded names from the top."""
    found: dict[tuple[str, ...], int] = {}
    for node in tree:
        path = (*above, fold(node.category_name))
        found[path] = node.category_id
        found |= _paths(node.subcategories, path)
    return found
