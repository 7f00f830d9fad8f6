"""Describes exceptions for the exporter, which makes the reasons that users read of them."""

from __future__ import annotations

from typing import Any

_MAX_TEXT = 2_000


def describe(error: BaseException) -> dict[str, Any]:
    """The class and the last line of an exception, and the module that is missing, if one is."""
    return {"error": type(error).__name__, "text": last_line(error)[:_MAX_TEXT], "missing": _missing(error)}


def last_line(error: BaseException) -> str:
    """What an exception says, on one line."""
    details = getattr(error, "errors", None)
    if type(error).__name__ == "ValidationError" and callable(details):
        return "; ".join(map(_invalid_field, details()))  # pydantic ends with a link
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _invalid_field(detail: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in detail.get("loc", ()))
    return f"{place}: {detail.get('msg')}" if place else str(detail.get("msg"))


def _missing(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name
        error = error.__cause__
    return None
