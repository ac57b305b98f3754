"""The rules of the house, as docs/architecture.md has them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "autohub"
FLOORS: tuple[set[str], ...] = (
    {"kit"},
    {"db", "settings"},
    {"audit"},
    {"access", "integrations"},
    {"web"},
    {
        "categories",
        "flows",
        "applications",
        "assessments",
        "invitations",
        "record_names",
        "notifications",
        "roles",
    },
    {"users"},
    {"ideas"},
    {
        "leaderboard",
        "saved_views",
        "benefits",
        "collaborators",
        "components",
        "discussions",
        "documents",
        "drafts",
        "events",
        "imports",
        "user_imports",
        "sign_on",
    },
    {"webhooks"},
    {"pages", "move_in", "backups", "scim", "odata", "agents"},
    {"demo", "server"},
    {"cli"},
)
"""From the ground up; no import goes up."""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        if name not in ("__init__", "") and not name.startswith("db.migrations"):
            yield name, path


def imports(path: Path) -> Iterator[str]:
    """The modules of the hub that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("autohub."):
            base = node.module.removeprefix("autohub.")
            for alias in node.names:
                inner = SOURCE.joinpath(*base.split("."), alias.name)
                yield (
                    f"{base}.{alias.name}"
                    if inner.with_suffix(".py").exists() or inner.is_dir()
                    else base
                )
        elif isinstance(node, ast.ImportFrom) and node.module == "autohub":
            yield from (alias.name for alias in node.names if alias.name != "__version__")


def floor(module: str) -> int:
    package = module.split(".")[0]
    return next(height for height, rooms in enumerate(FLOORS) if package in rooms)


def test_no_import_goes_up() -> None:
    wrong = [
        (name, target)
        for name, path in modules()
        for target in imports(path)
        if floor(target) > floor(name)
    ]
    assert not wrong


def test_there_is_no_import_cycle() -> None:
    graph = {name: set(imports(path)) for name, path in modules()}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for target in graph.get(name, ()):
                visit(target, (*above, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def is_store(name: str) -> bool:
    return name.split(".")[-1] == "store" or name.endswith("_store")


def test_sql_stands_in_stores_and_in_db_alone() -> None:
    for name, path in modules():
        if not name.startswith("db.") and not is_store(name):
            assert "sqlalchemy" not in path.read_text(), (
                f"{name} speaks SQL; that is a store's business"
            )


def test_no_page_imports_another_pages_package() -> None:
    wrong = [
        (name, target)
        for name, path in modules()
        for target in imports(path)
        if name.startswith("pages.")
        and target.startswith("pages.")
        and target.split(".")[1] not in (name.split(".")[1], "shared")
    ]
    assert not wrong


def test_pages_and_commands_write_through_services() -> None:
    """A door translates: it calls no function of a store that takes a transaction to write in,
    and a page's own store has none."""
    writing = {
        (name, node.name)
        for name, path in modules()
        if is_store(name)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(a.annotation or a) == "Writing" for a in node.args.args)
    }
    assert len(writing) > 50
    assert not [(name, function) for name, function in writing if name.startswith("pages.")]
    wrong = [
        (name, f"{target}.{function}")
        for name, path in modules()
        if name.startswith(("pages.", "cli."))
        for target, function in store_calls(path)
        if (target, function) in writing
    ]
    assert not wrong


def store_calls(path: Path) -> Iterator[tuple[str, str]]:
    """The functions of stores that a file names, by the module that holds them."""
    tree = ast.parse(path.read_text())
    stores = {
        alias.asname or alias.name: f"{node.module.removeprefix('autohub.')}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("autohub.")
        for alias in node.names
        if is_store(alias.name)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in stores
        ):
            yield stores[node.value.id], node.attr


def test_an_idea_is_found_once_by_the_door_and_handed_to_services() -> None:
    """Services take the `AuthorizedIdea`, which is locked where the transaction writes: what was
    checked is what is changed, and nobody loads it again."""
    doors = ("pages", "move_in", "demo", "server", "cli")
    openers = ("ideas.rights", "ideas.bulk", "documents.service")  # they open the transaction
    finding = {
        name
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("find_idea")
    }
    assert len(finding) > 10
    assert not [
        name
        for name in finding
        if not name.startswith(doors) and not name.endswith(".api") and name not in openers
    ]
    one = re.compile(r"load_ideas\(\s*[\w.]+,\s*\[[\w.]+\]")
    loading = {name for name, path in modules() if one.search(path.read_text())}
    assert loading == {"ideas.rights", "ideas.forms"}  # forms: the one that it just handed in


def test_every_package_has_its_tests_in_a_folder_of_its_name() -> None:
    packages = {name.split(".")[0] for name, path in modules()} - {"settings"}
    lacking = [name for name in packages if not [*ROOT.glob(f"tests/{name}/test_*.py")]]
    assert len(packages) > 30 and not lacking


def test_services_never_commit() -> None:
    for name, path in modules():
        if name.split(".")[-1] not in ("engine", "connections", "turns"):
            assert not re.search(r"\.commit\(\)", path.read_text()), name


def test_files_stay_under_about_400_lines() -> None:
    long = {
        name: lines
        for name, path in modules()
        if (lines := len(path.read_text().splitlines())) > 480 and name != "db.schema"
    }
    assert not long


def test_templates_styles_and_scripts_are_wrapped_so_that_they_can_be_read() -> None:
    own = [
        *SOURCE.glob("**/templates/*.html"),
        *(SOURCE / "web" / "static" / "css").glob("*.css"),
        *(SOURCE / "web" / "static").glob("*.js"),
    ]
    lines = {path.name: path.read_text().splitlines() for path in own}
    assert {name: len(found) for name, found in lines.items() if len(found) > 430} == {}
    assert {
        name: max(map(len, found)) for name, found in lines.items() if max(map(len, found)) > 150
    } == {}


TABLES_OF_DATA = {
    "SettingInfo",
    "DefaultRole",
    "NoticeTexts",
    "Factor",
    "Score",
    "Assessment",
    "Search",
    "FlowAction",
}
"""Structs of which tables are written; there the first three or four say what a row is."""


def test_a_record_of_more_than_three_fields_is_made_by_their_names() -> None:
    trees = {name: list(ast.walk(ast.parse(path.read_text()))) for name, path in modules()}
    records = {
        node.name
        for nodes in trees.values()
        for node in nodes
        if isinstance(node, ast.ClassDef)
        and re.search(
            "NamedTuple|Struct|dataclass|Model",
            " ".join(map(ast.unparse, [*node.bases, *node.decorator_list])),
        )
    }
    found = [
        f"{name}:{node.lineno} {ast.unparse(node.func)}"
        for name, nodes in trees.items()
        for node in nodes
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in records - TABLES_OF_DATA
        and (len(node.args) > 3 or any(isinstance(each, ast.Starred) for each in node.args))
    ]
    assert len(records) > 200 and not found
    assert "astuple" not in "".join(path.read_text() for _, path in modules())


SENTENCES_APART = ("cli", "demo", "db", "settings", "web.openapi", "web.routes", "web.assets")
"""What operators and developers read, in English."""


def test_a_sentence_with_values_is_said_so_that_it_can_be_told_in_any_language() -> None:
    found = {
        f"{name}:{node.lineno}"
        for name, path in modules()
        if not name.startswith(SENTENCES_APART) and not name.endswith((".store", ".api"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        and isinstance(end := node.values[-1], ast.Constant)
        and re.search(r"[a-z”]\.$", str(end.value))
        and " " in ast.unparse(node)
    }
    assert not found


def test_one_sentence_has_one_template() -> None:
    templates = {
        node.args[0].value
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "say"
        and isinstance(node.args[0], ast.Constant)
    }
    shapes = [re.sub(r"\{\w+", "{", str(template)) for template in templates]
    assert len(templates) > 150 and len(shapes) == len(set(shapes))


WAYS_OUT = {
    "integrations.outbound": {"httpx2", "httpcore2", "socket", "ssl"},
    "integrations.outbound_errors": {"httpx2", "httpcore2"},
    "integrations.network": {"httpcore2", "socket", "ssl"},
    "integrations.mail": {"smtplib", "socket"},  # on connections of the one way out
    "integrations.blobs": {"obstore"},  # in Rust; its address is the operator's alone
    "cli.serve": {"socket"},  # listens, and speaks to nobody
}
"""Who may import what opens connections."""
OPENING = {
    *("httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp", "obstore"),
    *(
        "socket",
        "ssl",
        "smtplib",
        "ftplib",
        "imaplib",
        "http.client",
        "urllib.request",
        "telnetlib",
    ),
    *("xmlrpc.client", "authlib.integrations"),
}


def test_one_module_alone_opens_connections() -> None:
    found: dict[str, set[str]] = {}
    for name, path in modules():
        named = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                named |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                named.add(node.module or "")
        opening = {
            way for way in OPENING for each in named if each == way or each.startswith(f"{way}.")
        }
        if opening:
            found[name] = opening
    assert found == WAYS_OUT
    network = {name for name, path in modules() if "integrations.network" in set(imports(path))}
    assert network == {"integrations.outbound"}


def test_what_runs_is_locked_at_the_versions_that_are_tested() -> None:
    runs, tested = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-test.lock")
    )
    assert len(runs) > 20 and runs.items() <= tested.items()


def test_locks_carry_no_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text() and "--index" not in lock.read_text()
