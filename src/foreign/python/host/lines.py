"""JSON lines of bounded length."""

from __future__ import annotations

import json
from typing import Any

MAX_LINE = 16 * 1024 * 1024


class LineReader:
    """Puts the parts that were read together to messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Returns the messages that `data` completes. Raises ValueError for what is no JSON."""
        self._rest += data
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        if len(rest) > MAX_LINE:
            raise ValueError(f"expected lines of at most {MAX_LINE} bytes, found a longer one")
        return [json.loads(line) for line in lines if line]


def encoded(message: Any) -> bytes:
    """A message as a line. Text that is not valid Unicode becomes escapes."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
