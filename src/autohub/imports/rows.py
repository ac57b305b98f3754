"""One row of a table as the idea that it asks for, with what had to be done to it on the way."""

import hashlib
from collections.abc import Mapping as Map
from typing import Any

import msgspec

from autohub.assessments.model import Question
from autohub.flows.model import Status
from autohub.ideas import inputs
from autohub.ideas.model import Tag
from autohub.ideas.submission import NewIdea
from autohub.imports import dates
from autohub.imports.mapping import Mapping
from autohub.kit import cells, numbers
from autohub.kit.jsonbody import InvalidBody, convert
from autohub.kit.sentences import say
from autohub.kit.text import CONTROL_IN_LINES, fold, shorten
from autohub.kit.workbook import Figure

MAX_NAME, MAX_KEY = 100, 200
Faults = dict[str, list[str]]


class TableRow(msgspec.Struct):
    """What a row says, before anything is looked up: fields and answers by their names, notes,
    faults."""

    number: int
    key: str
    digest: str
    fields: dict[str, str]
    category: list[str]  # names from the top
    wanted: NewIdea
    notes: list[str] = []
    base_name: str = ""  # the name before a number was put behind it


class RowReader:
    """Reads the rows of one table by one mapping."""

    def __init__(
        self,
        mapping: Mapping,
        questions: dict[str, Question],
        description: Question | None,
        statuses: Map[int, Status],
        submission_type: int,
    ) -> None:
        """`description` is the question whose rules hold for descriptions."""
        self.mapping, self.questions, self._description = mapping, questions, description
        self._type = submission_type
        self._mapping = msgspec.json.encode(mapping)
        self._by_status = {fold(s.phase_status_key): i for i, s in statuses.items()}
        self._by_status |= {
            fold(f"{s.phase_name} - {s.phase_status_name}"): i for i, s in statuses.items()
        }
        self._by_status |= {
            fold(f"{s.phase_name} – {s.phase_status_name}"): i for i, s in statuses.items()
        }
        self._named = {fold(text): statuses_key for text, statuses_key in mapping.status.items()}
        self._seen: dict[str, int] = {}
        self._proofs: dict[str, set[bool]] = {}
        self._marks: dict[str, set[str]] = {}
        for meaning in mapping.columns.values():
            kind = questions[meaning].kind if meaning in questions else ""
            if meaning == "process_created_epoch" or kind == "date":
                self._proofs[meaning] = set()
            elif kind == "number":
                self._marks[meaning] = set()

    def note_proofs(self, cells_: Map[str, str]) -> None:
        """Takes from a row what it proves of the order of days and months and of the decimal mark
        in its columns. Every row is gone through so before the first is read."""
        for heading, meaning in self.mapping.columns.items():
            if meaning in self._proofs:
                proof = dates.find_order(cells_.get(heading, ""))
                if proof is not None:
                    self._proofs[meaning].add(proof)
            elif meaning in self._marks and not isinstance(cells_.get(heading), Figure):
                self._marks[meaning] |= {numbers.find_mark(cells_.get(heading, ""))} - {""}

    def _decimal_mark(self, meaning: str) -> str:
        """'' for a column that proves nothing, or both."""
        if self.mapping.decimal_sign != "found":
            return {"point": ".", "comma": ","}[self.mapping.decimal_sign]
        marks = self._marks.get(meaning, set())
        return next(iter(marks)) if len(marks) == 1 else ""

    def _day_first(self, meaning: str) -> dates.DayFirst:
        if self.mapping.date_order != "found":
            return self.mapping.date_order == "day"
        proofs = self._proofs.get(meaning, set())
        return None if len(proofs) > 1 else True in proofs

    def _note_guess(self, row: TableRow, meaning: str, title: str, text: str) -> None:
        """Says of a day that could be another one that it was read month first."""
        is_told = self._proofs.get(meaning) or self.mapping.date_order != "found"
        if not is_told and dates.is_undecided(text):
            row.notes.append(
                say(
                    "{title}: nothing tells whether “{text}” begins with the day or the month; "
                    "the month was taken. date_order in the mapping decides it.",
                    title=title,
                    text=shorten(text),
                )
            )

    def read(self, number: int, cells_: Map[str, str]) -> TableRow:
        """The row, with every fault in `wanted.extra_faults` under its column's heading."""
        sent = {heading: cell.strip() for heading, cell in cells_.items()}
        texts = {
            heading: CONTROL_IN_LINES.sub("�", text) for heading, text in sent.items()
        }  # no database is asked for such
        fields: dict[str, str] = dict(self.mapping.defaults)
        heading_of: dict[str, str] = {}
        figures = {heading for heading, cell in cells_.items() if isinstance(cell, Figure)}
        for heading, meaning in self.mapping.columns.items():
            heading_of[meaning] = heading
            if texts.get(heading):
                fields[meaning] = texts[heading]
        key = self._key(texts, fields)
        digest = hashlib.sha256(repr((sorted(texts.items()), self._mapping)).encode()).hexdigest()[
            :32
        ]
        row = TableRow(
            number=number,
            key=key,
            digest=digest,
            fields=fields,
            category=self._category(texts, fields),
            wanted=NewIdea(self._type, fields=heading_of, is_of_past=True),
        )
        row.wanted.import_key = key
        for heading, text in sent.items():
            if CONTROL_IN_LINES.search(text):
                row.wanted.extra_faults[heading] = ["holds a control character; remove it."]
        if len(key) > MAX_KEY:
            row.wanted.extra_faults[heading_of.get("import_key", "import_key")] = [
                say(
                    "must be at most {limit} characters; this one has {count}.",
                    limit=MAX_KEY,
                    count=len(key),
                )
            ]
        self._fill(row, {meaning for meaning, heading in heading_of.items() if heading in figures})
        return row

    def own_key(self, cells_: Map[str, str]) -> str:
        """The key that a row brings along, empty for one that has none."""
        found = [
            heading for heading, meaning in self.mapping.columns.items() if meaning == "import_key"
        ]
        said = [text for heading in found if (text := cells_.get(heading, "").strip())]
        return said[-1] if said else self.mapping.defaults.get("import_key", "")

    def _key(self, texts: Map[str, str], fields: Map[str, str]) -> str:
        """By what an import finds this row again: the table's own key, or the columns that the
        mapping names and the row's place among those that are alike in them."""
        if fields.get("import_key"):
            return fields["import_key"]
        named = [texts.get(heading, "") for heading in self.mapping.key] or [
            fields.get("process_name", "")
        ]
        base = hashlib.sha256("\x1f".join(fold(text) for text in named).encode()).hexdigest()[:24]
        self._seen[base] = self._seen.get(base, 0) + 1
        return f"{base}-{self._seen[base]}"

    def _category(self, texts: Map[str, str], fields: Map[str, str]) -> list[str]:
        """The names from the top: of the columns of levels, or else of the field or its default."""
        chain = [" ".join(texts.get(heading, "").split()) for heading in self.mapping.category]
        while chain and not chain[-1]:
            chain.pop()
        if chain or not fields.get("category"):
            return chain
        return [" ".join(part.split()) for part in fields["category"].split(">")]

    def _fill(self, row: TableRow, figures: set[str]) -> None:
        """`figures` are the fields that the file itself knows as numbers."""
        wanted, fields = row.wanted, row.fields
        self._name(row)
        wanted.process_description = fields.get("process_description", "")
        wanted.owner, wanted.submitter = fields.get("owner"), fields.get("submitter")
        given = inputs.GivenAnswers()
        for key, question in self.questions.items():
            if key in fields:
                self._answer(row, given, question, fields[key], is_figure=key in figures)
            if f"{key} comment" in fields and key not in given.faults:
                answer = given.answers.setdefault(key, {"value": None})
                answer["comment"] = fields[f"{key} comment"][: inputs.MAX_COMMENT]
        if self._description is not None and wanted.process_description:
            inputs.take_answer(given, self._description, {"value": wanted.process_description})
        wanted.answers |= given.answers
        for key, texts in given.faults.items():
            wanted.extra_faults[wanted.fields.get(key, key)] = texts
        self._status(row)
        self._created(row)
        self._tags(row)

    def _name(self, row: TableRow) -> None:
        name = " ".join(row.fields.get("process_name", "").split())
        if len(name) > MAX_NAME:
            if self.mapping.long_names == "refuse":
                row.wanted.extra_faults[row.wanted.fields.get("process_name", "process_name")] = [
                    say(
                        "must be at most {limit} characters; this one has {count}.",
                        limit=MAX_NAME,
                        count=len(name),
                    )
                ]
            else:
                if self.mapping.full_name:
                    row.wanted.answers[self.mapping.full_name] = {"value": name}
                name = name[: MAX_NAME - 1].rstrip() + "…"
                row.notes.append(say("The name was shortened to “{name}”.", name=name))
        row.wanted.process_name = row.base_name = name

    def _answer(
        self,
        row: TableRow,
        given: inputs.GivenAnswers,
        question: Question,
        text: str,
        *,
        is_figure: bool,
    ) -> None:
        value: Any = text
        if question.kind == "number" and not is_figure:
            try:
                value = numbers.read(text, self._decimal_mark(question.key))
            except numbers.TwoNumbers as error:
                given.faults[question.key] = [
                    f"“{shorten(text)}” {error}",
                    "Or say decimal_sign in the mapping.",
                ]
                return
            except numbers.NotANumber:
                pass  # `take` says what would be right
        elif question.kind in ("single", "multiple"):
            parts = [text] if question.kind == "single" else cells.split_cell(text)
            codes = [question.codes.get(fold(part), part) for part in parts]
            value = codes[0] if question.kind == "single" else codes
        elif question.kind == "date":
            self._note_guess(row, question.key, question.title, text)
            found = dates.parse_day(text, self._day_first(question.key))
            if found is None:
                given.answers[question.key] = {"value": None, "comment": text[: inputs.MAX_COMMENT]}
                row.notes.append(
                    say(
                        "{title}: “{text}” is no date; it is kept as a comment.",
                        title=question.title,
                        text=shorten(text),
                    )
                )
                return
            value = found.isoformat()
        elif len(text) > question.max_length and question.kind in ("text", "rich_text"):
            row.notes.append(
                say(
                    "{title}: cut to {max_length} characters of {count}.",
                    title=question.title,
                    max_length=question.max_length,
                    count=len(text),
                )
            )
            value = text[: question.max_length - 1] + "…"
        inputs.take_answer(given, question, {"value": value})

    def _status(self, row: TableRow) -> None:
        text = row.fields.get("status", "")
        named = self._named.get(fold(text), text)
        if not text and "" not in self._named:
            return
        row.wanted.phase_status_id = self._by_status.get(fold(named))
        if row.wanted.phase_status_id is None:
            heading = row.wanted.fields.get("status", "status")
            row.wanted.extra_faults[heading] = [
                say(
                    "“{text}” is no status here; say what it stands for, or write one such "
                    "as “Idea – Approved”.",
                    text=shorten(text),
                )
            ]

    def _created(self, row: TableRow) -> None:
        text = row.fields.get("process_created_epoch", "")
        if text:
            self._note_guess(row, "process_created_epoch", "Created", text)
            order = self._day_first("process_created_epoch")
            row.wanted.created_epoch = dates.parse_epoch(text, order)
            if row.wanted.created_epoch is None:
                heading = row.wanted.fields.get("process_created_epoch", "process_created_epoch")
                row.wanted.extra_faults[heading] = [
                    say(
                        "“{text}” is no date between 1970 and 2100; write one such as "
                        "2024-01-31, or leave it empty.",
                        text=shorten(text),
                    )
                ]

    def _tags(self, row: TableRow) -> None:
        try:
            tags = convert(cells.split_cell(row.fields.get("tags", "")), list[Tag])
            row.wanted.tags = list({fold(tag): tag for tag in reversed(tags)}.values())[::-1]
        except InvalidBody as error:
            row.wanted.extra_faults[row.wanted.fields.get("tags", "tags")] = error.faults


def number_name(name: str, number: int) -> str:
    """'Chatbot' -> 'Chatbot (2)', within the limit of a name."""
    suffix = f" ({number})"
    return name[: MAX_NAME - len(suffix)].rstrip() + suffix
