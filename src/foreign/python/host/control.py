"""The connection of a child to the exporter: a request in, then records and a report out."""

from __future__ import annotations

import os
import queue
import socket
import threading
from typing import Any, Callable

from .lines import LineReader, encoded

_MAX_WAITING = 2_000
_FLUSH_SECONDS = 1.0
_LAST, _TOLD = b"", b"\n"


class Control:
    """Sends without ever waiting for the exporter: what it has no room for is counted, and left out."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._waiting: queue.Queue[bytes] = queue.Queue(_MAX_WAITING)
        self._sent = threading.Event()
        self._left_out = 0
        self._lock = threading.Lock()
        self._reader = LineReader()
        self._on_end: Callable[[], None] = lambda: os._exit(1)
        self._writer = threading.Thread(target=self._write, name="jmp-control-out", daemon=True)

    def request(self) -> dict[str, Any]:
        """Tells the pid of this process, and waits for the exporter's request."""
        self._socket.sendall(encoded({"pid": os.getpid()}))
        messages: list[Any] = []
        while not messages:
            data = self._socket.recv(1 << 20)
            if not data:
                os._exit(1)
            messages = self._reader.feed(data)
        self._writer.start()
        threading.Thread(target=self._read, name="jmp-control-in", daemon=True).start()
        return messages[0]

    def on_end(self, call: Callable[[], None]) -> None:
        """Sets what is called, in another thread, when the exporter says close or has gone; before, the
        process ends at once."""
        self._on_end = call

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message that must arrive; waits for room."""
        self._waiting.put(encoded(message))

    def tell(self, message: dict[str, Any]) -> None:
        """Sends a message, and waits until it has left, at most a second: what follows may end the
        process. For one thread at a time."""
        self._sent.clear()
        self.send(message)
        self._waiting.put(_TOLD)
        self._sent.wait(_FLUSH_SECONDS)

    def offer(self, message: dict[str, Any]) -> None:
        """Sends a message if there is room."""
        try:
            self._waiting.put_nowait(encoded(message))
        except queue.Full:
            with self._lock:
                self._left_out += 1

    def flush(self) -> None:
        """Sends what waits, and nothing more. Gives up after a second."""
        try:
            self._waiting.put(_LAST, timeout=_FLUSH_SECONDS)
        except queue.Full:
            return  # the exporter does not read
        self._writer.join(_FLUSH_SECONDS)

    def _write(self) -> None:
        try:
            while (line := self._waiting.get()) != _LAST:
                if line == _TOLD:
                    self._sent.set()
                    continue
                self._socket.sendall(line)
                if self._waiting.empty():
                    self._tell_left_out()
            self._tell_left_out()
        except OSError:
            pass  # the reader sees the end

    def _tell_left_out(self) -> None:
        with self._lock:
            count, self._left_out = self._left_out, 0
        if count:
            self._socket.sendall(encoded({"leftOut": count}))

    def _read(self) -> None:
        try:
            # Only one more message exists: close.
            self._socket.recv(1 << 10)
        except OSError:
            pass
        self._on_end()
