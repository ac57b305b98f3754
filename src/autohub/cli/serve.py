"""`autohub serve`."""

import os
import signal
import sys

import click
from msgspec.structs import replace

from autohub.cli.common import load_settings, note
from autohub.settings import is_given

STOP_SECONDS = 60
"""How long a server process may take to answer what it was asked and to end its jobs."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes."
)
@click.option("--data-dir", help="Where the hub keeps its data (AUTOHUB_DATA_DIR).")
@click.pass_context
def serve(context: click.Context, host: str, port: int, workers: int, data_dir: str | None) -> None:
    """Start the hub. Ctrl-C ends it, once every call that runs is answered."""
    settings = load_settings(context, data_dir=data_dir)
    if not is_given("base_url"):
        settings = replace(settings, base_url=_address(host, port))
    _check_port(host, port)

    from autohub.server.bootstrap import open_database
    from autohub.users import service as users
    from autohub.users.registration import first_person_link

    database, installation = open_database(settings)
    with database.reading() as db:
        is_new = users.lacks_administrator(db)
    database.close()
    note(f"autohub      {settings.base_url}/")
    note(f"API          {settings.base_url}/api/v1/api-doc/")
    if is_new:
        link = first_person_link(settings=settings, installation=installation)
        is_collected = settings.log_format == "json"  # by whom is not known, and the link is a key
        note(f"first person {'`autohub init` shows the link' if is_collected else link}")
    # The workers are new processes: they find the same settings in the environment.
    os.environ["AUTOHUB_DATA_DIR"] = str(settings.data_dir)
    os.environ["AUTOHUB_BASE_URL"] = settings.base_url
    _granian(host, port, workers, settings.log_format)


def _address(host: str, port: int) -> str:
    """Where a browser of this machine finds the hub."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _check_port(host: str, port: int) -> None:
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} cannot be listened on ({error.strerror}); choose another with "
                "--host and --port."
            ) from None


def _granian(host: str, port: int, workers: int, log_format: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from autohub.kit import logs
    from autohub.web.metrics_folder import shared_folder

    server = Granian(
        "autohub.cli.serve:application",
        factory=True,
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        log_dictconfig=logs.configure(log_format),
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    with shared_folder():
        server.serve()
    sys.stderr.flush()


def application() -> object:
    """What each server process runs."""
    import logging.config

    from autohub import settings
    from autohub.kit import logs
    from autohub.kit.memory import settle
    from autohub.server.app import create

    _end_with(os.getppid())
    loaded = settings.load()
    logging.config.dictConfig(logs.configure(loaded.log_format))
    app = create(loaded)
    settle()
    return app


def _end_with(parent: int) -> None:
    """Ends this process when the one that started it is gone: it would go on serving and keep
    the port from the next one."""
    import threading
    import time

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
