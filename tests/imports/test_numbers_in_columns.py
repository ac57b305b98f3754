"""Which number 52.000 is, by what else stands in its column."""

import pytest
from tests.imports.test_imports import mapped, send
from tests.support.hub import Client
from tests.support.ideas import idea, listed

COST = "Full cost of an employee a year"
FIELD = "da-employee_average_full_cost"


def table(*cells: str) -> str:
    lines = [f'Idea {n};d;Finance;"{cell}"' for n, cell in enumerate(cells)]
    return "\n".join([f"Name;Description;Category;{COST}", *lines, ""])


def costs(owner: Client) -> list[float]:
    return [idea(owner, number)[FIELD] for number in sorted(listed(owner))]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("52.000", "1.234,56"), [52000, 1234.56]),
        (("52.000", "1,234.56"), [52, 1234.56]),
        (("52,000", "12,5"), [52, 12.5]),
        (("52,000", "1,234,567"), [52000, 1234567]),
    ],
)
def test_another_cell_proves_the_decimal_mark(
    owner: Client, cells: tuple[str, ...], numbers: list[float]
) -> None:
    answer = send(owner, table(*cells)).data
    assert answer["created"] == len(cells), answer
    assert costs(owner) == numbers


@pytest.mark.parametrize("cells", [("52.000",), ("52.000", "1.234,56", "1,234.56")])
def test_what_nothing_or_both_prove_is_asked_about(owner: Client, cells: tuple[str, ...]) -> None:
    answer = send(owner, table(*cells)).data
    (failed,) = [result for result in answer["results"] if result["outcome"] == "failed"]
    assert "could be 52000 or 52.000" in str(failed["errors"][COST])
    assert "decimal_sign in the mapping" in str(failed["errors"][COST])


@pytest.mark.parametrize(("sign", "number"), [("point", 52), ("comma", 52000)])
def test_the_mapping_decides(owner: Client, sign: str, number: float) -> None:
    columns = {
        "Name": "process_name",
        "Description": "process_description",
        "Category": "category",
        COST: FIELD.upper(),
    }
    answer = send(owner, table("52.000"), mapped(columns=columns, decimal_sign=sign)).data
    assert answer["created"] == 1, answer
    assert costs(owner) == [number]
