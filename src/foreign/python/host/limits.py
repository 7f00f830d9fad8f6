"""Limits on the memory and the processor time of a child and what it starts."""

from __future__ import annotations

import os
import resource

_ROOT = "/sys/fs/cgroup"
_PERIOD_US = 100_000


class Group:
    """A control group (cgroup v2) of one child."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.controllers = set(_read(f"{path}/cgroup.controllers").split())

    def write(self, name: str, value: str) -> None:
        with open(f"{self.path}/{name}", "w", encoding="ascii") as file:
            file.write(value)

    def join(self) -> bool:
        """Moves this process into the group. Returns whether it could."""
        try:
            self.write("cgroup.procs", str(os.getpid()))
            return True
        except OSError:
            return False

    def remove(self) -> None:
        """Removes the group, in which no process is left."""
        try:
            os.rmdir(self.path)
        except OSError:
            pass


def make_group(bounds: dict, root: str = _ROOT) -> Group | None:
    """Makes a group for a child with limits, where the system has given this process the right to.

    systemd marks what it delegates (`Delegate=yes`); elsewhere groups are not ours to make.
    """
    if not bounds.get("memory") and not bounds.get("cpu"):
        return None
    own = _own_group()
    for place in (os.path.dirname(own), own):
        path = f"{root}{place}".rstrip("/")
        if not _is_delegated(path):
            continue
        try:
            with open(f"{path}/cgroup.subtree_control", "w", encoding="ascii") as file:
                file.write("+memory +cpu")
            os.mkdir(f"{path}/jmp-{os.getpid()}")
            return Group(f"{path}/jmp-{os.getpid()}")
        except OSError:
            continue  # such as EBUSY, where the group itself holds processes
    return None


def apply(bounds: dict, group: Group | None) -> list[str]:
    """Limits this process. Returns what could not be limited, in sentences."""
    memory, cpu, notes = bounds.get("memory"), bounds.get("cpu"), []
    if group and not group.join():
        group = None
    if memory and group and "memory" in group.controllers:
        group.write("memory.max", str(memory))
    elif memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    if cpu and group and "cpu" in group.controllers:
        group.write("cpu.max", f"{cpu * _PERIOD_US // 100} {_PERIOD_US}")
    elif cpu:
        notes.append("The limit of processor time has no effect: no control group is delegated to the exporter")
    return notes


def _own_group() -> str:
    lines = _read("/proc/self/cgroup").split("\n")
    return next((line[3:] for line in lines if line.startswith("0::")), "")


def _is_delegated(path: str) -> bool:
    for name in ("user.delegate", "trusted.delegate"):
        try:
            if os.getxattr(path, name) == b"1":
                return True
        except OSError:
            continue
    return False


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""
