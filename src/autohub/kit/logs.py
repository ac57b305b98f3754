"""How the log is written: lines of text, or one JSON object a line."""

import logging
import re
import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec

from autohub.kit.faults import trace_of

REQUESTS = logging.getLogger("autohub.requests")
"""One line for each request, in JSON alone."""
_GIVEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class JsonLines(logging.Formatter):
    """What is looked for is a field of its own; `extra={"fields": {…}}` adds some."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        fields |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            fields["trace"] = trace_of(record.exc_info[1])
        return msgspec.json.encode(fields).decode()


def configure(log_format: str) -> dict[str, Any]:
    """The configuration of `logging` for all loggers of a process, the server's own too."""
    text = {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    server = {"level": "WARNING", "handlers": ["out"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one": {"()": JsonLines} if log_format == "json" else text},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "one"}},
        "root": {"level": "INFO", "handlers": ["out"]},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "_granian": server,
            "granian.access": server,
            REQUESTS.name: {"level": "INFO" if log_format == "json" else "WARNING"},
        },
    }


def choose_request_id(given: str) -> str:
    """The id that came with a request, if it is one that a log may hold; else a new one."""
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
