"""What the kernel does for the processes of the host: names, parents that die, orphans."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import time

_libc = ctypes.CDLL(None, use_errno=True)

# malloc.h
_M_ARENA_MAX = -8
# linux/mman.h
_MADV_DONTNEED = 4
# proc(5): how each part of /proc/self/smaps begins, here of the mappings of files.
_MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r[-w][-x]p [0-9a-f]+ \S+ \d+ +/")
# linux/prctl.h
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 1, 15, 36


def _prctl(option: int, value: int | bytes) -> None:
    argument = value if isinstance(value, bytes) else ctypes.c_ulong(value)
    if _libc.prctl(option, argument, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


# Sent to all processes of a service or a terminal; the exporter decides what ends when.
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Ends a keeper and its child.
END = signal.SIGUSR1


def save_memory() -> None:
    """Lets malloc (glibc) use one arena: with one for each thread of grpc, a child that has carried many
    bytes holds a third more memory. Threads of Python gain nothing by more."""
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(_M_ARENA_MAX, 1)


def forget_file_pages() -> None:
    """Unmaps pages of programs and libraries that importing has needed. What is used again is mapped
    from the page cache; pages that were written to stay."""
    try:
        with open("/proc/self/smaps", encoding="utf-8", errors="replace") as file:
            parts = re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", file.read())
    except OSError:
        return
    for part in parts:
        mapping = _MAPPING.match(part)
        if mapping and re.search(r"^Anonymous: +0 kB$", part, re.MULTILINE):
            start, end = (int(text, 16) for text in mapping.groups())
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def set_name(name: str) -> None:
    """Names this process for `ps` and `top`; at most 15 bytes."""
    _prctl(_PR_SET_NAME, name.encode())


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Lets the kernel send signal `number` to this process when `parent`, its parent, has died."""
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends, daemons among them."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children_of(pid: int) -> list[int]:
    """The children of a process; some may be missing while it forks."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found.extend(map(int, file.read().split()))
        return found
    except FileNotFoundError:
        # The process has ended, or the kernel was built without CONFIG_PROC_CHILDREN.
        return [] if os.path.exists("/proc/self/task/%d/children" % os.getpid()) else _by_parent(pid)
    except OSError:
        return found


def _by_parent(pid: int) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                # proc(5): `pid (comm) state ppid …`; comm can contain spaces and parentheses.
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(name))
    return found


def kill_tree(pid: int) -> None:
    """Kills a process and its descendants, parents first, so that none of them starts another."""
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return
    for child in children_of(pid):
        kill_tree(child)


def reap_all(on_end) -> bool:
    """Waits for the children that have ended: `on_end(pid, status)`. Returns whether any is left."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True
        on_end(pid, status)


def kill_all_children(on_end) -> None:
    """Kills until nothing of this process is left: orphans become its children, round by round."""
    while reap_all(on_end):
        for pid in children_of(os.getpid()):
            kill_tree(pid)
        time.sleep(0.002)
