"""`make pythons`: the wheel in an empty environment of each Python named, installed as
docs/operate.md says, and started."""

import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
PORT = 8169


def try_wheel(python: str, wheel: Path) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
        programs = folder / "venv/bin"
        install = [programs / "pip", "--disable-pip-version-check", "-q", "install"]
        locked = ["--no-deps", "--require-hashes", "-r", ROOT / "requirements.lock"]
        subprocess.run([*install, *locked], check=True)
        subprocess.run([*install, "--no-deps", wheel], check=True)
        hub = [programs / "autohub", "--data-dir", folder / "data"]
        subprocess.run([*hub, "demo", "--users", "20", "--ideas", "5"], check=True)
        subprocess.run([*hub, "doctor"], check=True, stdout=subprocess.DEVNULL)
        serve = [*hub, "serve", "--port", str(PORT), "--workers", "2"]
        server = subprocess.Popen(serve, stderr=subprocess.DEVNULL)
        try:
            answered = wait_for(f"http://127.0.0.1:{PORT}/readyz")
            page = urllib.request.urlopen(f"http://127.0.0.1:{PORT}/sign-in").status
        finally:
            server.terminate()
            code = server.wait(90)
        return f"readyz {answered}, sign-in {page}, ended with {code}"


def wait_for(url: str) -> int:
    for _ in range(600):
        try:
            return int(urllib.request.urlopen(url).status)
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the hub does not answer")


def main() -> None:
    wheel = sorted((ROOT / "dist").glob("autohub-*.whl"))[-1]
    for python in sys.argv[1:]:
        version = subprocess.run([python, "-VV"], capture_output=True, text=True).stdout.split()[1]
        print(f"{version}: {try_wheel(python, wheel)}", flush=True)


if __name__ == "__main__":
    main()
