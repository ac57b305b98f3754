"""The wheel, by itself: what is built of the tracked files runs on the dependencies it declares."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.support.processes import serving

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-deps", "--no-index"]


def list_tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as an installer builds it, of a copy that holds the tracked files alone."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in list_tracked():
        if name.startswith("src/") or "/" not in name:
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    build = [*PIP, "wheel", "--no-build-isolation", *OFFLINE, "-w", str(checkout), str(checkout)]
    subprocess.run(build, check=True)
    return next(checkout.glob("*.whl"))


def read_requires(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return re.findall(r"^Requires-Dist: (.*)$", archive.read(name).decode(), re.MULTILINE)


def resolve(declared: list[str]) -> dict[str, str]:
    """The installed distributions, by name with their version, that the declared ones need."""
    found: dict[str, str] = {}
    waiting = [(Requirement(text), "") for text in declared]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        package = distribution(requirement.name)
        name = canonicalize_name(requirement.name)
        if name not in found or requirement.extras:
            found[name] = package.version
            needs = [Requirement(text) for text in package.requires or ()]
            waiting += [(need, extra) for need in needs for extra in ("", *requirement.extras)]
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment with the wheel and nothing but what its metadata asks for.

    The packages are links to those of this environment, which come from the lock, so that
    nothing is downloaded.
    """
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    site = next(home.glob("lib/python*/site-packages"))
    for name in resolve(read_requires(wheel)):
        package = distribution(name)
        for file in package.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                (site / file).symlink_to(package.locate_file(file))  # type: ignore[arg-type]
    python = ["--python", str(home / "bin" / "python")]
    subprocess.run([*PIP, *python, "install", *OFFLINE, str(wheel)], check=True)
    return home / "bin"


def test_the_wheel_holds_every_tracked_file_of_the_package(wheel: Path) -> None:
    tracked = {name.removeprefix("src/") for name in list_tracked() if name.startswith("src/")}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == tracked


def test_what_the_wheel_needs_is_locked_at_the_versions_that_are_tested(wheel: Path) -> None:
    lock = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    needed = resolve(read_requires(wheel))
    assert needed.items() <= dict(lock).items()


def list_imports() -> set[str]:
    """Every module that the package imports, also those that a function imports when it needs
    them."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return found


def test_all_that_the_package_imports_is_there_on_what_the_wheel_declares(installed: Path) -> None:
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    command = [installed / "python", "-I", "-c", program, *sorted(list_imports())]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_wheel_serves_pages_files_and_the_api(installed: Path, tmp_path: Path) -> None:
    program = installed / "autohub"
    with serving(tmp_path, program=program, PYTHONPATH="") as server:
        for path in (
            "/sign-in",
            "/static/hub.css",
            "/static/vendor/htmx.min.js",
            "/api/v1/api-doc/",
        ):
            assert httpx.get(server.url + path, follow_redirects=True).status_code == 200, path
