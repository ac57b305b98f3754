"""The documentation is executed: the README's tour, the settings, the vendored files, the
citations."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from autohub.settings import KNOWN
from tests.support.processes import AUTOHUB, autohub, environment, serving

ROOT = Path(__file__).parent.parent
START, END = (
    "<!-- settings: written by tests/test_docs.py from src/autohub/settings.py -->",
    "<!-- end -->",
)


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Each shell block of a document, and what its output must hold."""
    found = []
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        expected = [
            line.removeprefix("# → ") for line in block.splitlines() if line.startswith("# → ")
        ]
        found.append((block, expected))
    return found


def executed(document: Path, server_url: str, folder: Path) -> None:
    """Runs every shell block of a document as it is printed, and looks for what it says comes
    out."""
    text = document.read_text()
    script = "set -euo pipefail\n" + "".join(
        block + "echo '--- end of block'\n" for block, _ in blocks(text)
    )
    script = script.replace("http://127.0.0.1:8000", server_url).replace(
        ".venv/bin/autohub", str(AUTOHUB)
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = done.stdout.split("--- end of block\n")
    for (block, expected), output in zip(blocks(text), outputs, strict=False):
        for wanted in expected:
            assert wanted in output + done.stderr, (wanted, block, output[:2000], done.stderr)


def test_the_tour_of_the_readme_works_as_it_is_printed(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        executed(ROOT / "README.md", server.url, tmp_path)


def test_an_idea_walks_to_live_as_the_api_document_prints_it(tmp_path: Path) -> None:
    autohub(tmp_path, "demo", "--users", "40", "--ideas", "20")
    with serving(tmp_path) as server:
        executed(ROOT / "docs" / "api.md", server.url, tmp_path)


def test_a_directory_is_connected_as_its_page_prints_it(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        executed(ROOT / "docs" / "scim.md", server.url, tmp_path)


def test_a_report_reads_the_feed_as_its_page_prints_it(tmp_path: Path) -> None:
    autohub(tmp_path, "demo", "--users", "40", "--ideas", "20")
    with serving(tmp_path) as server:
        executed(ROOT / "docs" / "power-bi.md", server.url, tmp_path)


def settings_table() -> str:
    lines = ["", "| setting | default | meaning |", "|---|---|---|"]
    lines += [
        f"| `{known.variable}` | {f'`{known.default}`' if known.default else '–'} | {known.doc} |"
        for known in KNOWN
    ]
    return "\n".join([*lines, ""])


def test_every_setting_is_documented() -> None:
    """Set WRITE_DOCS to write the table anew."""
    path = ROOT / "docs" / "administer.md"
    before, rest = path.read_text().split(START)
    _, after = rest.split(END)
    wanted = f"{before}{START}\n{settings_table()}\n{END}{after}"
    if os.environ.get("WRITE_DOCS"):
        path.write_text(wanted)
    assert path.read_text() == wanted


def test_vendored_files_are_the_ones_that_the_table_names() -> None:
    table = (ROOT / "docs" / "architecture.md").read_text()
    static = ROOT / "src" / "autohub"
    named = dict(re.findall(r"\| `(\S+)` .*`([0-9a-f]{64})` \|", table))
    for path, digest in named.items():
        file = ROOT / path if path.startswith("tests/") else static / path
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, path
    vendored = [
        *(static / "web" / "static" / "swagger-ui").glob("swagger-ui*"),
        *(static / "web" / "static" / "vendor").iterdir(),
    ]
    assert {str(path.relative_to(static)) for path in vendored} <= named.keys()


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("docs/**/*.md")) + [ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


CITATION = re.compile(
    r"\b(contract|product)\s+(\d+(?:\.\d+)*(?:(?:, | and )\d+(?:\.\d+)*)*)", re.IGNORECASE
)
"""One or more sections of the specification: a number, or several after one word."""


def list_sections() -> set[str]:
    """The sections that can be cited; each heading bears the number that its anchor has."""
    found: set[str] = set()
    for path in (ROOT / "docs" / "spec").glob("*.md"):
        anchored = re.findall(
            r'^<a id="(\w+)-([\d.]+)"></a>\n#+ ([\d.]+?)\.? ', path.read_text(), re.MULTILINE
        )
        numbered = re.findall(r"^#+ [\d.]+ ", path.read_text(), re.MULTILINE)
        assert len(anchored) == len(numbered), (
            f"{path.name} has a numbered heading without an anchor"
        )
        for part, anchor, heading in anchored:
            assert anchor == heading and f"{part} {anchor}" not in found, (
                f"{path.name}: {part} {anchor} over {heading}"
            )
            found.add(f"{part} {anchor}")
    return found


def test_every_citation_of_the_specification_leads_to_a_section() -> None:
    sections = list_sections()
    assert {"contract 1", "contract 4.4", "product 3"} <= sections
    unknown = []
    for path in sorted(
        path for folder in ("src", "tests", "docs") for path in (ROOT / folder).rglob("*")
    ):
        if path.suffix in (".py", ".md", ".html", ".js", ".css"):
            for part, numbers in CITATION.findall(path.read_text()):
                cited = {f"{part.lower()} {number}" for number in re.findall(r"[\d.]+", numbers)}
                unknown += [
                    f"{path.relative_to(ROOT)}: {name}" for name in sorted(cited - sections)
                ]
    assert not unknown, "docs/spec has no such section"


def test_no_document_and_no_source_names_this_machine() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    for name in files:
        if (ROOT / name).suffix in (".py", ".md", ".toml", ".txt", "") and (ROOT / name).is_file():
            text = (ROOT / name).read_text(errors="replace")
            assert (
                str(ROOT) not in text
                and "pypi" + ".org" not in text
                and "npmjs" + ".org" not in text
            ), name


EXAMPLES = ("user_cost_center", "category_note", "submitter_business_unit")
"""Names that the recipes would add."""


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_what_documents_for_developers_name_is_there(document: str) -> None:
    """Files as paths below the root or the package, names as they stand in the source."""
    text = (ROOT / document).read_text()
    source = "\n".join(
        path.read_text() for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")
    )
    lost = []
    for named in sorted(set(re.findall(r"`([\w/.-]+)`", text))):
        if re.search(r"\.(py|html|js|md|toml|pot)$", named):
            places = [ROOT / named, ROOT / "src/autohub" / named]
            if not any(place.exists() for place in places) and not list(
                (ROOT / "src").rglob(named)
            ):
                lost.append(named)
        elif (
            re.fullmatch(r"[A-Z_]{4,}|[a-z_]+_[a-z_]+|[A-Z][a-z]+[A-Z]\w+", named)
            and not re.search(rf"\b{named}\b", source)
            and named not in EXAMPLES
        ):
            lost.append(named)
    assert not lost
