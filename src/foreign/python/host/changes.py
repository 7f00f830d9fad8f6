"""Notices that packages were installed, updated or edited after the host has imported them."""

from __future__ import annotations

import os
import sys

State = dict[str, tuple[int, int]]


def state_of(types: set[str]) -> State:
    """The names in the folders of packages, and the last changes of the files of the types' packages.

    The names of metadata folders have versions in them.
    """
    packages = {name.partition(".")[0] for name in types}
    files = [
        getattr(module, "__file__", None)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in packages
    ]
    state: State = {}
    for path in filter(None, {*sys.path, *files}):
        try:
            state[path] = _state_of_folder(path) if os.path.isdir(path) else _state_of_file(path)
        except OSError:
            continue
    return state


def _state_of_folder(path: str) -> tuple[int, int]:
    names = frozenset(os.listdir(path)) - {"__pycache__"}
    return len(names), hash(names)


def _state_of_file(path: str) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_mtime_ns, info.st_size


def differ(before: State, now: State) -> bool:
    """Whether something has changed or is gone: children may import more than the host has imported."""
    return any(now.get(path) != value for path, value in before.items())
