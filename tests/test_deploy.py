"""The files in deploy/ say what the hub understands."""

import configparser
import re
from pathlib import Path

from autohub.settings import KNOWN

DEPLOY = Path(__file__).parents[1] / "deploy"
BESIDE = {"AUTOHUB_HOST"}  # the proxy's own


def test_every_variable_is_a_setting() -> None:
    known = {setting.variable for setting in KNOWN} | BESIDE
    for path in DEPLOY.iterdir():
        named = set(re.findall(r"AUTOHUB_[A-Z_]+", path.read_text()))
        assert named <= known, (path.name, named - known)


def test_the_service_waits_longer_than_the_hub_and_keeps_its_folder_closed() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "autohub.service")
    service = unit["Service"]
    source = (Path(__file__).parents[1] / "src/autohub/cli/serve.py").read_text()
    kill = re.search(r"^STOP_SECONDS = (\d+)", source, re.MULTILINE)
    assert kill and int(service["TimeoutStopSec"]) > int(kill[1])
    assert (service["UMask"], service["StateDirectoryMode"]) == ("0077", "0700")
    assert int(service["LimitNOFILE"]) >= 65536


def test_the_container_installs_by_hashes_and_runs_as_nobody_special() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes" in lines and "--no-deps" in lines
    assert lines.rindex("USER autohub") < lines.rindex("CMD [")
