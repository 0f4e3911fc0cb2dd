"""The log: one JSON object a line that holds ids, numbers and names of places, never a text.

The sole import of structlog. What may stand in a line is decided here, not where it is written:
a field that is not listed, or a value that is no id, is withheld, so that a careless line
elsewhere cannot let out what people wrote.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Protocol, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

FIELDS = frozenset({
    "event", "request_id", "tenant_id", "key_id", "role", "method", "route", "status", "ms",
    "error", "places", "job_id", "kind", "state", "count", "done", "failed", "reason", "model",
    "level", "logger", "timestamp", "worker", "host", "port", "trace_id", "table", "version",
    "signal", "seconds",
})
"""Everything a line of ours may say."""

WITHHELD = "(withheld)"
_WORD = re.compile(r"[\w.:/{}+@-]{0,200}", re.ASCII)
_EVENT = re.compile(r"[a-z][a-z -]{0,60}")
_PLACE = re.compile(r"[\w.]+:\d+ [\w.<>]+")
_QUIET = ("bm25s", "httpx", "httpx2", "openai", "alembic", "procrastinate", "sqlalchemy")
"""Loggers of others that speak only from a warning on."""

Event = MutableMapping[str, Any]


class Log(Protocol):
    """What a module writes its lines with: an event that is a constant, and listed fields."""

    def info(self, event: str, **fields: object) -> Any:
        """Write a line about what happened."""
        ...

    def warning(self, event: str, **fields: object) -> Any:
        """Write a line about something that somebody should look at."""
        ...

    def error(self, event: str, **fields: object) -> Any:
        """Write a line about something that failed."""
        ...


def log_of(name: str) -> Log:
    """Return the log of one part of the service, under the standard logger of that name."""
    return cast(Log, structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level, _withhold, ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=BoundLogger,
        context_class=dict,
    ))


def configure_logs(level: int = logging.INFO) -> None:
    """Write every log of this process to stderr as JSON lines, those of others without values."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def formatter() -> logging.Formatter:
    """Return what turns any record, ours or a library's, into a line that may be kept."""
    return ProcessorFormatter(
        foreign_pre_chain=[_foreign],
        processors=[
            structlog.stdlib.add_log_level, _logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True),
        ],
        use_get_message=False, pass_foreign_args=True,
    )


def places_of(trace: TracebackType | None) -> list[str]:
    """Return where an error came from, innermost first, without a word of it."""
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return places[::-1][:20]


def _withhold(logger: object, method: str, event: Event) -> Event:
    """Return the line with everything withheld that is not known to hold no text."""
    return {name: value if _may_stand(name, value) else WITHHELD
            for name, value in event.items()}


def _may_stand(name: str, value: object) -> bool:
    if name not in FIELDS:
        return False
    if name == "places":
        return isinstance(value, list) and all(
            isinstance(one, str) and _PLACE.fullmatch(one) for one in value)
    if isinstance(value, str):
        return (_EVENT if name == "event" else _WORD).fullmatch(value) is not None
    return value is None or isinstance(value, int | float)


def _foreign(logger: object, method: str, event: Event) -> Event:
    """Return a library's line without the values it was filled with, which may be people's words.

    What was put together before it was logged is withheld whole: the place is left, and says
    which line it was. Uvicorn's own hold addresses and process ids and are written out.
    """
    record = cast(logging.LogRecord, event["_record"])
    args = event.pop("positional_args", ())
    trusted = record.name.split(".")[0] == "uvicorn" and not event.get("exc_info")
    told = trusted or bool(args)
    said = record.msg % args if trusted and args else record.msg
    line: Event = {
        "event": str(said) if told else WITHHELD, "_record": record, "_from_structlog": False,
        "places": [f"{record.module}:{record.lineno} {record.funcName}"],
    }
    if exc_info := event.get("exc_info"):
        kind, _, trace = exc_info
        line.update(error=kind.__name__, places=places_of(trace))
    return line


def _logger_name(logger: object, method: str, event: Event) -> Event:
    record = cast(Mapping[str, Any], event).get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event
