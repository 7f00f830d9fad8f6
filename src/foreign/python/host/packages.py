"""Imports of the official packages and of drivers."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import platform
import sys
from typing import Any

from . import problems

# What a child needs; some are imported only when they are first used, which would be in each child.
_MODULES = (f"{__package__}.child", f"{__package__}.standin", "anyio._backends._asyncio")


def import_types(types: list[str]) -> dict[str, Any]:
    """Imports what children need, and the modules of driver types.

    Returns the versions, why a child cannot be served at all (`problem`), and the problems of types.
    """
    found: dict[str, Any] = {"python": platform.python_version(), "problem": None, "types": {}}
    try:
        for name in _MODULES:
            importlib.import_module(name)
    except BaseException as error:
        found["problem"] = problems.describe(error)
        return found
    found["jumpstarter"] = _version("jumpstarter")
    for name in types:
        try:
            load_class(name)
        except BaseException as error:
            found["types"][name] = problems.describe(error)
    return found


refused: dict[str, str] = {}
"""Types whose import would end the process, and why."""


def load_class(name: str) -> type:
    """The class of a driver type. Raises what the import raises, and AttributeError."""
    if name in refused:
        raise ImportError(refused[name])
    module, _, attribute = name.rpartition(".")
    if not module:
        raise ValueError(f"expected a type as `package.module.Class`, found {name}")
    loaded = sys.modules.get(module)
    if loaded is None or not hasattr(loaded, attribute):
        # A package may have been installed since the host looked for it.
        importlib.invalidate_caches()
        loaded = importlib.import_module(module)
    return getattr(loaded, attribute)


@functools.cache
def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
