"""Sends the records of Python's logging to the exporter."""

from __future__ import annotations

import logging
from typing import Any

from . import problems
from .control import Control

_MAX_MESSAGE = 16 * 1024
_LEVELS = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


class Records(logging.Handler):
    """Receives all records of the process.

    While a driver is built, `building` is its path; afterwards each driver has a logger of its own.
    """

    def __init__(self, control: Control) -> None:
        super().__init__()
        self._control = control
        self.building: str | None = None
        self._paths: dict[str, str | None] = {}

    def install(self) -> None:
        root = logging.getLogger()
        for handler in list(root.handlers):
            root.removeHandler(handler)  # of what the host has imported
        root.addHandler(self)
        root.setLevel(logging.INFO)

    def adopt(self, drivers: list[tuple[str, Any]]) -> None:
        """Gives each driver a logger by its path, with the level that it asks for."""
        for path, driver in drivers:
            shared = getattr(driver, "logger", None)
            if not isinstance(shared, logging.Logger):
                continue
            # Objects of the driver may keep the logger that all drivers of its class share.
            known = self._paths.setdefault(shared.name, path)
            if known != path:
                self._paths[shared.name] = None
            own = logging.getLogger(f"driver.{path}")
            own.setLevel(getattr(driver, "log_level", None) or shared.level)
            self._paths[own.name] = path
            driver.logger = own

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._control.offer({"log": self._message(record)})
        except Exception:
            self.handleError(record)

    def _message(self, record: logging.LogRecord) -> dict[str, Any]:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            text += f"\n{type(error).__name__}: {problems.last_line(error)}"
        return {
            "level": next((name for number, name in _LEVELS if record.levelno >= number), "debug"),
            "message": text[:_MAX_MESSAGE],
            "logger": record.name,
            "time": record.created,
            "path": self._path_of(record.name),
        }

    def _path_of(self, logger: str) -> str | None:
        if not logger.startswith("driver."):
            return None
        return self._paths.get(logger) or self.building
