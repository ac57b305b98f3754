"""How well potential duplicates are found: pairs made from the real inventory by typos, cuts and
paraphrase.

`python -m benchmarks.duplicates` prints recall and precision at several thresholds. Four fifths of
the inventory are in the hub; the other fifth are ideas that are not there, and whatever is shown
for them is wrong.
"""

import random
import tempfile
from pathlib import Path

from autohub import settings
from autohub.access.model import OPERATOR
from autohub.ideas import duplicates
from autohub.ideas.model import name_key
from autohub.imports import mapping, reading, service
from autohub.kit.clock import now
from autohub.server import bootstrap as install
from benchmarks.ideas import EXAMPLE, INVENTORY

SYNONYMS = dict(
    pair.replace("_", " ").split("=")
    for pair in (
        "ai=artificial_intelligence, system=tool, analysis=analytics, detection=recognition, "
        "data=information, "
        "using=with, model=algorithm, automated=automatic, prediction=forecasting, "
        "classification=categorisation, "
        "for=to_support, assistant=helper, support=help, document=file, documents=files, "
        "identify=find, improve=better, "
        "review=check, machine=computer, images=pictures, search=lookup, translation=translating, "
        "chatbot=chat_assistant, used=applied "
    )
    .replace(",", "")
    .split()
)
QUERIES = 300


def typo(chance: random.Random, name: str) -> str:
    """Two slips: letters swapped, doubled or lost."""
    letters = list(name)
    for _ in range(2):
        place = chance.randrange(1, max(2, len(letters) - 1))
        slip = chance.choice(("swap", "drop", "double"))
        if slip == "swap" and place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
        elif slip == "drop" and len(letters) > 4:
            del letters[place]
        else:
            letters.insert(place, letters[place % len(letters)])
    return "".join(letters)


def cut(chance: random.Random, name: str) -> str:
    """The first words, or the last."""
    words = name.split()
    keep = max(1, (len(words) + 1) // 2)
    return " ".join(words[:keep] if chance.random() < 0.7 else words[-keep:])


def paraphrase(chance: random.Random, text: str) -> str:
    """Other words where there are some, and the halves around a “for”, “of” or comma turned
    round."""
    words = [SYNONYMS.get(word.lower().strip(".,()"), word) for word in text.split()]
    text = " ".join(words)
    for joint in (" to support ", " of ", ", ", " in "):
        first, found, last = text.partition(joint)
        if found:
            return f"{last} {first}" if chance.random() < 0.7 else f"{last}: {first}"
    return " ".join(reversed(text.split()))


def main() -> None:
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.load({}, data_dir=Path(folder))
        database, _ = install.open_database(chosen)
        headings, lines = reading.read_lines(INVENTORY.read_bytes(), "csv")
        rules = mapping.parse_mapping((EXAMPLE / "map.toml").read_text())
        rules.columns = {h: m for h, m in rules.columns.items() if not m.startswith("INV-")}
        rules.full_name = ""
        rows = list(lines)
        chance.shuffle(rows)
        there, away = rows[: len(rows) * 4 // 5], rows[len(rows) * 4 // 5 :]
        service.run_import(database, OPERATOR, there, headings, rules, settings=chosen, now=now())
        while database.write(lambda db: duplicates.store.SEARCH.index_some(db, limit=5000)):
            pass
        name, text = (
            "Use Case Name",
            "What is the intended purpose and expected benefits of the AI?",
        )
        known = {name_key(row[name]) for _, row in there}
        outside = [row for _, row in away if name_key(row[name]) not in known][:QUERIES]
        inside = [row for _, row in chance.sample(there, QUERIES)]
        makers = {
            "typo": lambda row: (typo(chance, row[name]), row[text]),
            "typo, name alone": lambda row: (typo(chance, row[name]), ""),
            "cut": lambda row: (cut(chance, row[name]), row[text][: len(row[text]) // 2]),
            "cut, name alone": lambda row: (cut(chance, row[name]), ""),
            "paraphrase": lambda row: (
                paraphrase(chance, row[name]),
                paraphrase(chance, row[text]),
            ),
            "paraphrase, name alone": lambda row: (paraphrase(chance, row[name]), ""),
        }
        duplicates.SHOWN_FROM = 0.0  # type: ignore[misc]
        with database.reading() as db:
            print(
                "| pairs by | "
                + " | ".join(f"≥ {t}: recall, precision" for t in (35, 45, 55, 65))
                + " |\n|---|"
                + "---|" * 4
            )
            for label, make in makers.items():
                alone = "alone" in label
                positives = []
                for row in inside:
                    found = duplicates.find_duplicates(db, OPERATOR, *make(row))
                    hit = next(
                        (
                            d
                            for d in found[:5]
                            if name_key(d.process_name).startswith(name_key(row[name])[:80])
                        ),
                        None,
                    )
                    positives.append(
                        (
                            found[0].similarity if found else 0.0,
                            found[0] is hit if found else False,
                            hit.similarity if hit else 0.0,
                        )
                    )
                wrong = [
                    found[0].similarity
                    for row in outside
                    if (
                        found := duplicates.find_duplicates(
                            db, OPERATOR, row[name], "" if alone else row[text]
                        )
                    )
                ]
                cells = []
                for threshold in (35, 45, 55, 65):
                    recall = sum(hit >= threshold for _, _, hit in positives) / len(positives)
                    shown = sum(first >= threshold for first, _, _ in positives) + sum(
                        first >= threshold for first in wrong
                    )
                    right = sum(first >= threshold and is_hit for first, is_hit, _ in positives)
                    cells.append(f"{recall:.2f}, {right / shown if shown else 0:.2f}")
                print(f"| {label} | " + " | ".join(cells) + " |", flush=True)
        database.close()


if __name__ == "__main__":
    main()
