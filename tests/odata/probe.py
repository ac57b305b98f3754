"""`make counterparts`: programs from npm read the feed of a running hub, `counterparts.mjs`."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.processes import autohub, serving

PACKAGES = ("odata-csdl@0.11.2", "@odata/client@2.21.10", "@microsoft/powerquery-parser@2.0.0")
HERE = Path(__file__).parent
QUERY = HERE.parent.parent / "integrations" / "powerbi" / "autohub.pq"


def run() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(install, cwd=folder, check=True)
        shutil.copy(HERE / "counterparts.mjs", folder)
        autohub(folder, "demo", "--users", "40", "--ideas", "20")
        owner = "olivia.owner@demo.example"
        made = autohub(folder, "token", "create", "--name", "Reader", "--user", owner)
        with serving(folder) as server:
            told = {"HUB": server.url, "TOKEN": made.stdout.strip(), "PQ": str(QUERY)}
            command = ["node", "counterparts.mjs"]
            done = subprocess.run(command, cwd=folder, env=os.environ | told, check=False)
            return done.returncode


if __name__ == "__main__":
    sys.exit(run())
