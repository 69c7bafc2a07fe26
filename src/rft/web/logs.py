"""The log: JSON, a line an event, nothing about a person (no bodies, cookies, query strings, words of errors)."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import structlog

_DEEPEST = 12


def configure_logs() -> None:
    """Called by every process that serves or works; a second time changes nothing."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


class _OneLine(logging.Formatter):
    """What libraries log, in the same form: an error's type and place, not its words."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe(record.exc_info[1])
        return json.dumps(line)


def describe(error: BaseException) -> dict[str, Any]:
    """What went wrong and where. The error's own words stay out: they quote what people typed."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    described: dict[str, Any] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    sqlstate = getattr(error, "sqlstate", None)
    if sqlstate:
        described["sqlstate"] = sqlstate
    cause = error.__cause__ or error.__context__
    if cause is not None:
        described["cause"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return described
