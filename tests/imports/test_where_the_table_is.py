"""Tables that begin below titles, on another sheet, or after a line about their separator."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from tests.support.processes import autohub

from autohub.kit.headings import count_above, is_hint_row

IDEA = ["Read receipts", "Finance > Accounts Payable > Invoices", "d"]
HEADINGS = ["Name", "Category", "Description"]


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    assert autohub(tmp_path, "init").returncode == 0
    return tmp_path


def import_one(hub: Path, noun: str, file: Path, *more: str) -> None:
    done = autohub(hub, noun, "import", str(file), *more)
    assert done.returncode == 0 and ": 1 created" in done.stdout + done.stderr, done


@pytest.mark.parametrize(
    "above",
    ["", "Ideas of the office\n", "\n\n", "sep=,\n", '"Ideas\nas of June",,\n', "Who,,What\n"],
)
def test_lines_above_the_headings_are_passed_over(hub: Path, above: str) -> None:
    file = hub / "ideas.csv"
    file.write_text(above + ",".join(HEADINGS) + "\n" + ",".join(IDEA) + "\n")
    import_one(hub, "ideas", file)


@pytest.mark.parametrize(
    "hints",
    ["required,optional,required", "(text),,(text)", '"e.g. Pay rent","max. 5 levels",text'],
)
def test_a_row_of_hints_below_the_headings_is_passed_over(hub: Path, hints: str) -> None:
    file = hub / "ideas.csv"
    file.write_text("Name*,Category,Description *\n" + hints + "\n" + ",".join(IDEA) + "\n")
    import_one(hub, "ideas", file)


@pytest.mark.parametrize(
    ("cells", "is_hint"),
    [
        (["required", "optional"], True),
        (["yyyy-mm-dd", "dd.mm.yyyy"], True),
        (["required"], False),
        (["Text", "Finance"], False),
        (["Number cruncher", "required"], False),
        (["", ""], False),
    ],
)
def test_a_row_is_of_hints_only_if_each_of_its_cells_is_one(
    cells: list[str], is_hint: bool
) -> None:
    assert is_hint_row(cells) is is_hint


@pytest.mark.parametrize("above", ["version:v1.0\n", "sep=;\n", "\n"])
def test_they_are_in_files_of_people_too(hub: Path, above: str) -> None:
    file = hub / "people.csv"
    file.write_text(f"{above}E-mail *;First Name*;Last Name\nana@field.example;Ana;Pop, Dr.\n")
    import_one(hub, "users", file)


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[str]]], *hidden: str) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
            if name in hidden:
                sheet.hide()
            else:
                sheet.activate()
    return path


@pytest.mark.parametrize(
    ("before", "hidden"),
    [
        ({"Read me": []}, []),
        ({"Read me": [["How to fill in this book"], ["Ask, then write."]]}, []),
        ({"Lists": [["Choices", "Words"], ["Yes", "No"]]}, ["Lists"]),
        ({"Old": [[*HEADINGS], ["Older", IDEA[1], "d"]]}, ["Old"]),
    ],
)
def test_the_sheet_that_people_see_and_that_holds_ideas_is_read(
    hub: Path, before: dict[str, Sequence[Sequence[str]]], hidden: list[str]
) -> None:
    file = workbook(hub / "ideas.xlsx", {**before, "Ideas": [HEADINGS, IDEA]}, *hidden)
    import_one(hub, "ideas", file)
    assert autohub(hub, "ideas", "export", str(hub / "out.csv")).returncode == 0
    assert IDEA[0] in (hub / "out.csv").read_text()


def test_a_table_on_a_hidden_sheet_alone_is_not_empty(hub: Path) -> None:
    sheets: dict[str, Sequence[Sequence[str]]] = {"Read me": [], "Ideas": [HEADINGS, IDEA]}
    import_one(hub, "ideas", workbook(hub / "ideas.xlsx", sheets, "Ideas"))


def test_a_merged_cell_holds_for_all_its_rows(hub: Path) -> None:
    with xlsxwriter.Workbook(hub / "ideas.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.merge_range(1, 1, 1, 3, "A title")
        sheet.write_row(2, 1, HEADINGS)
        sheet.merge_range(3, 2, 5, 2, IDEA[1])
        for row in (3, 4, 5):
            sheet.write(row, 1, f"Idea {row}")
            sheet.write(row, 3, "d")
    done = autohub(hub, "ideas", "import", str(hub / "ideas.xlsx"))
    assert ": 3 created" in done.stdout + done.stderr, done


def test_faults_name_the_row_as_the_file_counts_it(hub: Path) -> None:
    file = hub / "people.csv"
    file.write_text("version:v1.0\n\nE-mail;First Name;Last Name\nnobody;Ana;Pop\n")
    assert "row 4," in autohub(hub, "users", "import", str(file)).stderr


@pytest.mark.parametrize(
    ("rows", "above"),
    [
        ([], 0),
        ([["E-mail"], ["a@x.example"], ["b@x.example", "more than there are columns"]], 0),
        ([["Idea", "For"], ["name", "status", "and a third cell"]], 1),
        ([["Idea", "For", "By"], ["name", "status"]], 0),
        ([["Title"], [], ["What", "Where"], ["Bot", "London"]], 2),
        ([["Words"], ["alone"]], 0),
    ],
)
def test_headings_are_the_first_row_of_known_words_or_of_more_than_one_cell(
    rows: list[list[str]], above: int
) -> None:
    assert count_above(rows, {"E-mail", "name", "status"}.__contains__) == above


@pytest.mark.parametrize(
    ("team", "default"), [("", "Other"), ("", IDEA[1]), ("Finance", "Nowhere")]
)
def test_a_default_category_holds_where_all_levels_are_empty(
    hub: Path, team: str, default: str
) -> None:
    (hub / "ideas.csv").write_text(f"Name,Team,Description\nBot,{team},d\n")
    (hub / "map.toml").write_text(
        'category = ["Team"]\n[columns]\nName = "process_name"\n'
        f'Description = "process_description"\n[defaults]\ncategory = "{default}"\n'
    )
    import_one(hub, "ideas", hub / "ideas.csv", "--map", str(hub / "map.toml"))
    assert autohub(hub, "ideas", "export", str(hub / "out.csv")).returncode == 0
    assert (team or default) in (hub / "out.csv").read_text()


def test_people_say_where_the_table_is_and_a_mapping_keeps_it(hub: Path) -> None:
    file = workbook(
        hub / "ideas.xlsx",
        {
            "Now": [HEADINGS, IDEA],
            "Then": [["Name", "Note"], HEADINGS, ["Read letters", *IDEA[1:]]],
        },
    )
    import_one(hub, "ideas", file)
    import_one(hub, "ideas", file, "--sheet", "then", "--header-row", "2")
    drawn = autohub(hub, "ideas", "import", str(file), "--sheet", "Then", "--suggest-map")
    assert 'sheet = "Then"\n' in drawn.stdout
    mapping = hub / "map.toml"
    columns = 'Name = "process_name"\nCategory = "category"\nDescription = "process_description"\n'
    mapping.write_text(f'sheet = "Then"\nheader_row = 2\n[columns]\n{columns}', encoding="utf-8")
    again = autohub(hub, "ideas", "import", str(file), "--map", str(mapping))
    assert "1 unchanged" in again.stderr, again


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["--sheet", "Later"], "must be one of Now"),
        (["--header-row", "7"], "is 7, but nothing stands in that row"),
    ],
)
def test_a_place_that_is_not_there_is_told(hub: Path, said: list[str], told: str) -> None:
    file = workbook(hub / "ideas.xlsx", {"Now": [HEADINGS, IDEA]})
    done = autohub(hub, "ideas", "import", str(file), *said)
    assert done.returncode == 2 and told in done.stderr


def test_the_encoding_of_people_is_told_or_asked_for(hub: Path) -> None:
    file = hub / "people.csv"
    table = "E-mail;First Name;Last Name;City\nlukasz@field.example;Łukasz;Żółć;Łódź\n"
    file.write_bytes(table.encode("cp1250"))
    told = autohub(hub, "users", "import", str(file))
    assert told.returncode == 0 and "not UTF-8: cp1250 reads “Łukasz”" in told.stderr
    assert "Łódź" in autohub(hub, "users", "show", "lukasz@field.example").stdout
    file.write_bytes("E-mail;First Name;Last Name\nivan@field.example;Иван;П\n".encode("cp1251"))
    asked = autohub(hub, "users", "import", str(file))
    assert asked.returncode == 2 and "cp1251 reads “Иван”" in asked.stderr
    import_one(hub, "users", file, "--encoding", "cp1251")


GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Status [READ ONLY]\n"
    "Ada,Google,ada@field.example,Active\n"
)
ENTRA = (
    "version:v1.0\n"
    "Name [displayName] Required,User name [userPrincipalName] Required,First name [givenName],"
    "Last name [surname],Block sign in (Yes/No) [accountEnabled] Required\n"
    "Chris Green,chris@field.example,Chris,Green,No\n"
)


@pytest.mark.parametrize("table", [GOOGLE, ENTRA], ids=["google", "entra"])
def test_people_of_other_systems_come_in_by_a_suggested_mapping(hub: Path, table: str) -> None:
    file, mapping = hub / "people.csv", hub / "map.toml"
    file.write_text(table, encoding="utf-8")
    refused = autohub(hub, "users", "import", str(file))
    assert refused.returncode == 2 and "a mapping says what its columns are" in refused.stderr
    drawn = autohub(hub, "users", "import", str(file), "--suggest-map").stdout
    mapping.write_text(drawn, encoding="utf-8")
    import_one(hub, "users", file, "--map", str(mapping))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ('"E-mail" = "user_email"', "The table has no such column"),
        ('"Email Address [Required]" = "mail"', "must be one of user_email"),
        ('"First Name [Required]" = "user_first_name"', "no column for the e-mail"),
    ],
)
def test_a_mapping_of_people_that_does_not_fit_is_refused(
    hub: Path, columns: str, told: str
) -> None:
    file, mapping = hub / "people.csv", hub / "map.toml"
    file.write_text(GOOGLE, encoding="utf-8")
    mapping.write_text(f"[columns]\n{columns}\n", encoding="utf-8")
    done = autohub(hub, "users", "import", str(file), "--map", str(mapping))
    assert done.returncode == 2 and told in done.stderr, done
