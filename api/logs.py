"""Logs of server and worker: one JSON object a line on standard error, ours and the libraries'.

Each line of a request bears its ``request_id``, in whatever thread it was written.
"""

import logging
import sys
from typing import Any

import orjson
import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
]


def configure() -> None:
    """Write logs as JSON from now on, for the whole process."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(serializer=_text)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_text),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("jiebang").setLevel(logging.INFO)


def _text(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()
