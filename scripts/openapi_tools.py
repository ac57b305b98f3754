"""Holds the OpenAPI document against the tools that people use: Spectral and Redocly lint it,
OpenAPI Generator makes clients of it in Python, TypeScript, Java and C#, and Python's and
TypeScript's are compiled.

The tools are fetched in the versions below into a folder outside the source
(AUTOHUB_TOOLS_DIR, else ~/.cache/autohub-openapi-tools). Needs node, npm and java.
"""

import os
import subprocess
import sys
import time
import venv
from pathlib import Path

from autohub.kit.sentences import encode
from autohub.server.reference import build_document
from autohub.server.routes import ROUTES

NODE_TOOLS = ("@stoplight/spectral-cli@6.16.3", "@redocly/cli@2.77.0", "typescript@5.9.3")
PYTHON_TOOLS = ("openapi-generator-cli==7.26.0",)
GENERATORS = ("python", "typescript-fetch", "java", "csharp")
FOLDER = Path(os.environ.get("AUTOHUB_TOOLS_DIR", Path.home() / ".cache" / "autohub-openapi-tools"))
NODE, PYTHON = FOLDER / "node_modules" / ".bin", FOLDER / "venv" / "bin"


def fetch() -> None:
    """Brings the tools, unless these versions are there."""
    wanted = "\n".join((*NODE_TOOLS, *PYTHON_TOOLS))
    fetched = FOLDER / "fetched"
    if fetched.exists() and fetched.read_text() == wanted:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    _run("npm", "install", "--no-fund", "--no-audit", "--silent", "--prefix", FOLDER, *NODE_TOOLS)
    venv.create(FOLDER / "venv", with_pip=True)
    _run(PYTHON / "pip", "install", "--quiet", *PYTHON_TOOLS)
    fetched.write_text(wanted)


def check() -> list[str]:
    """Runs every tool; returns the names of those that find fault."""
    document = FOLDER / "openapi.json"
    document.write_bytes(encode(build_document(ROUTES, base_url="https://hub.example")))
    rules = FOLDER / "spectral.yaml"
    rules.write_text('extends: ["spectral:oas"]\n')
    made = FOLDER / "made"
    steps: dict[str, tuple[object, ...]] = {
        "Spectral": (NODE / "spectral", "lint", document, "-r", rules, "--fail-severity", "warn"),
        "Redocly": (NODE / "redocly", "lint", document, "--max-problems", "20"),
    }
    for language in GENERATORS:
        steps[f"OpenAPI Generator, {language}"] = (
            *(PYTHON / "openapi-generator-cli", "generate", "-i", document),
            *("-g", language, "-o", made / language),
            *("--global-property", "skipFormModel=false"),  # bodies that may come as forms too
        )
    steps["Python compiles"] = (sys.executable, "-m", "compileall", "-q", made / "python")
    steps["TypeScript compiles"] = (
        *(NODE / "tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2020"),
        *("--moduleResolution", "node", "--lib", "es2020,dom"),
        made / "typescript-fetch" / "index.ts",
    )
    return [name for name, step in steps.items() if not _passes(name, step)]


def _passes(name: str, step: tuple[object, ...]) -> bool:
    begun = time.monotonic()
    done = subprocess.run([str(part) for part in step], capture_output=True, text=True)
    found = "passes" if done.returncode == 0 else "FAILS"
    print(f"{name}: {found} ({time.monotonic() - begun:.0f} s)", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-3000:])
    return done.returncode == 0


def _run(*step: object) -> None:
    subprocess.run([str(part) for part in step], check=True)


if __name__ == "__main__":
    fetch()
    sys.exit(1 if check() else 0)
