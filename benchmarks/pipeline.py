"""Synthetic ideas and their rows, the same on every run."""

import csv
import random
from pathlib import Path

COLUMNS = (
    "Name",
    "Description",
    "Category",
    "Process owner",
    "Submitter",
    "Status",
    "Created",
    "Tags",
    "Purpose and expected benefit",
)
QUESTIONS = (
    "HLA-RULES",
    "HLA-INPUT_TYPE",
    "HLA-INPUT_QUALITY",
    "HLA-STABILITY",
    "HLA-DOCUMENTATION",
)
QUESTIONS += (
    "DA-VOLUMES",
    "DA-FREQUENCY",
    "DA-PROCESSING_TIME",
    "DA-DIGITAL_INPUT",
    "DA-STRUCTURED_INPUT",
    "DA-NUMBER_OF_WAYS",
)
PLACES = (
    "Finance > Accounts Payable > Invoices",
    "Operations > Procurement > Orders",
    "Human Resources > Payroll > Time sheets",
)
STATUSES = (
    "IDEA_AWAITING_REVIEW",
    "ASSESSMENT_NOT_STARTED",
    "DEVELOPMENT_ON_TRACK",
    "LIVE_ONGOING",
)
WORDS = (
    "invoice",
    "order",
    "claim",
    "contract",
    "report",
    "ticket",
    "letter",
    "ledger",
    "payment",
    "receipt",
    "schedule",
    "delivery",
)


def write(path: Path, count: int, *, first: int = 0, needles: int = 0) -> None:
    """A table of `count` ideas; the first `needles` of them hold a word that no other has, and
    lie in the first place."""
    chance = random.Random(first)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, *QUESTIONS))
        for number in range(first, first + count):
            is_needle = number < needles
            words = " ".join(chance.choice(WORDS) for _ in range(40))
            place = PLACES[0] if is_needle else PLACES[number % 3]
            numbers = [chance.randint(1, 5) for _ in range(5)]
            answers = (
                chance.randint(1, 500),
                "Daily",
                chance.randint(1, 60),
                chance.randint(0, 100),
                chance.randint(0, 100),
                chance.randint(1, 9),
            )
            name = f"{'Quixotical ' if is_needle else ''}{chance.choice(WORDS)} number {number}"
            row = (
                name,
                words,
                place,
                "owner@example.com",
                "owner@example.com",
                STATUSES[number % 4],
                "2026-01-31",
                "batch",
                words[:100],
            )
            writer.writerow((*row, *numbers, *answers))
