"""The host: one warm interpreter, from which the children of all leases are forked.

It has one thread, and makes no object of grpc, because neither survives a fork. It reads requests
from standard input and writes answers and events, as JSON lines, to what was its standard output.
The end of its input, or of its parent, is its own end and that of all children.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import sys
import time
from typing import Any

from . import changes, keeper, packages, processes
from .lines import LineReader, encoded

_END_SECONDS = 5


def main(parent: int, folder: str) -> None:
    """Runs until the input ends. `parent` is the exporter's pid, `folder` has the files of the host."""
    for number in processes.IGNORED:
        signal.signal(number, signal.SIG_IGN)
    if os.getpgrp() != os.getpid():
        os.setsid()
    if os.getppid() == parent:  # else the interpreter is a script that runs another one
        processes.end_with_parent(parent, signal.SIGKILL)
    processes.adopt_orphans()
    processes.set_name("jmp-python")
    # Its handlers let processes crash that drivers fork: they start threads of grpc there.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    # What drivers print must not get between the answers, nor can they read requests.
    requests, events = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    host = _Host(requests, events, folder)
    try:
        host.run()
    finally:
        host.end_children()


class _Host:
    def __init__(self, requests: int, events: int, folder: str) -> None:
        self._requests, self._events, self._folder = requests, events, folder
        self._keepers: dict[int, str] = {}
        self._keeper_killed = False
        self._types: set[str] = set()
        self._state: changes.State = {}
        self._woken, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)

    def run(self) -> None:
        reader, poll = LineReader(), select.poll()
        for descriptor in (self._requests, self._woken):
            poll.register(descriptor, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._reap()
            if self._requests in ready:
                data = os.read(self._requests, 1 << 20)
                if not data:
                    return
                for request in reader.feed(data):
                    self._answer(request)

    def _answer(self, request: dict) -> None:
        number = request["number"]
        try:
            result = getattr(self, f"_do_{request['do']}")(request)
            self._say({"answer": number, "result": result})
        except Exception as error:
            self._say({"answer": number, "error": f"{type(error).__name__}: {error}"})

    def _do_ping(self, _request: dict) -> None:
        return None

    def _do_import(self, request: dict) -> dict[str, Any]:
        before = len(sys.modules)
        result = packages.import_types(request["types"])
        if not result["problem"]:
            # Everything is in memory now; the end of the exporter may leave no time for it.
            shutil.rmtree(self._folder, ignore_errors=True)
        self._types.update(request["types"])
        if len(sys.modules) != before:
            self._state = changes.state_of(self._types)
            gc.collect()
            gc.freeze()  # a collection would write to pages that the children share
            processes.forget_file_pages()
        return result

    def _do_start(self, request: dict) -> int | None:
        """Returns the pid of the keeper; None if packages have changed and the request minds that."""
        if request["ifUnchanged"] and changes.differ(self._state, changes.state_of(self._types)):
            return None
        pid = keeper.fork_keeper(request, self._forget)
        self._keepers[pid] = request["id"]
        return pid

    def end_children(self) -> None:
        """Lets the keepers end their children; what is left after a while is killed."""
        for pid in self._keepers:
            os.kill(pid, processes.END)
        deadline = time.monotonic() + _END_SECONDS
        while time.monotonic() < deadline and processes.reap_all(lambda pid, status: None):
            time.sleep(0.005)
        processes.kill_all_children(lambda pid, status: None)

    def _forget(self) -> None:
        signal.set_wakeup_fd(-1)
        for descriptor in (self._requests, self._events, self._woken, self._waker):
            os.close(descriptor)

    def _reap(self) -> None:
        def on_end(pid: int, status: int) -> None:
            name = self._keepers.pop(pid, None)
            if name is None:
                return
            self._keeper_killed = self._keeper_killed or os.WIFSIGNALED(status)
            self._say({"ended": name, "status": os.waitstatus_to_exitcode(status)})

        if processes.reap_all(on_end) and self._keeper_killed:
            # What a killed keeper leaves has become a child of this process.
            for pid in set(processes.children_of(os.getpid())) - self._keepers.keys():
                processes.kill_tree(pid)

    def _say(self, message: dict) -> None:
        data = encoded(message)
        while data:
            data = data[os.write(self._events, data) :]
