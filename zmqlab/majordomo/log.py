"""Structured logging for the command line: one JSON object a line, on standard error."""

from __future__ import annotations

import json
import logging


class JsonLines(logging.Formatter):
    """Time (seconds since 1970), level, logger, message; and the ``facts`` that a record carries."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": round(record.created, 3),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(verbosity: int) -> None:
    """0: warnings alone; 1: what happens; 2: all."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("zmqlab.majordomo")
    logger.addHandler(handler)
    logger.setLevel([logging.WARNING, logging.INFO, logging.DEBUG][min(verbosity, 2)])
