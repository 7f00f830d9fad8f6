"""Builds the drivers of a config, as the official ExporterConfigV1Alpha1DriverInstance does."""

from __future__ import annotations

from typing import Any, Callable
from uuid import UUID

import yaml
from jumpstarter.driver import Driver

from . import problems
from .packages import load_class

Path = tuple[str, ...]


class RefError(Exception):
    """A `ref:` names no driver of this process."""


class Builder:
    """Builds each entry by itself, so that one that fails does no harm to others.

    What a `ref:` names is built first, and given to its parent itself: a driver can use it while it
    is made, which an official Proxy does not allow.
    """

    def __init__(self, request: dict[str, Any], stand_in: Callable[[dict[str, Any]], Driver]) -> None:
        self._values = _values(request)
        self._stand_ins = {tuple(item["path"].split(".")): item for item in request.get("standIns") or []}
        self._make_stand_in = stand_in
        self._unfinished: list[Path] = []
        self.on_build: Callable[[str | None], None] = lambda path: None
        self.drivers: dict[Path, Driver] = {}
        """Every driver that the config defines, by its path."""
        self.fixed_uuids: set[Path] = set()
        """The drivers whose config sets their uuid."""
        self.entries: dict[Path, Driver] = {}
        self.problems: dict[Path, dict[str, Any]] = {}

    def build_all(self) -> None:
        for path in self._stand_ins:
            self._stand_in(path)
        for path in self._values:
            try:
                self._entry(path)
            except BaseException:
                pass  # noted by _entry

    def _entry(self, path: Path) -> Driver:
        """Builds an entry once. Raises its problem."""
        if path in self.problems:
            raise RefError
        if path not in self.entries:
            self._unfinished.append(path)
            try:
                self.entries[path] = self._define(path, self._values[path])
            except BaseException as error:
                self.problems[path] = {"type": _type_of(self._values[path])} | problems.describe(error)
                raise
            finally:
                self._unfinished.pop()
        return self.entries[path]

    def _define(self, path: Path, value: Any) -> Driver:
        if path in self._stand_ins:
            return self._stand_in(path)
        if not isinstance(value, dict):
            raise ValueError(f"{'.'.join(path)}: expected a mapping, found {type(value).__name__}")
        if value.get("type") is None and "ref" in value and "children" not in value:
            return self._resolve(str(value["ref"]))
        made = value.get("type") or "jumpstarter_driver_composite.driver.Composite"
        driver_class = load_class(str(made))
        children = self._children(path, _mapping(value.get("children")))
        self.on_build(".".join(path))
        driver = _instantiate(driver_class, value, children)
        self.on_build(None)
        self.drivers[path] = driver
        if given := _mapping(value.get("config")).get("uuid"):
            # Plain dataclasses keep the text, in any spelling.
            driver.uuid = UUID(str(given))
            self.fixed_uuids.add(path)
        return driver

    def _children(self, path: Path, values: dict[Any, Any]) -> dict[str, Driver]:
        """The children that can be built: their parent may do without the others."""
        children: dict[str, Driver] = {}
        for name, value in values.items():
            place = (*path, str(name))
            try:
                children[str(name)] = self._define(place, value)
            except BaseException as error:
                self.problems[place] = {"type": _type_of(value)} | problems.describe(error)
        return children

    def _stand_in(self, path: Path) -> Driver:
        if path not in self.drivers:
            item = self._stand_ins[path]
            self.drivers[path] = driver = self._make_stand_in(item)
            driver.uuid = UUID(item["uuid"])
            self.fixed_uuids.add(path)
        return self.drivers[path]

    def _target(self, path: Path) -> Driver:
        if path in self._stand_ins:
            return self._stand_in(path)
        try:
            return self._entry(path)
        except BaseException:
            raise RefError(f"{'.'.join(path)} could not be built") from None

    def _resolve(self, ref: str) -> Driver:
        path = tuple(ref.split("."))
        for length in range(len(path), 0, -1):
            start, rest = path[:length], path[length:]
            if start in self._unfinished:
                return _late(ref)
            if start in self._stand_ins or start in self._values:
                driver = self._target(start)
                for name in rest:
                    if name not in driver.children:
                        raise RefError(f"ref: {ref} names nothing: there is no {name}")
                    driver = driver.children[name]
                return driver
        return _late(ref)


def _late(ref: str) -> Driver:
    """The official Proxy, which finds its driver when the whole tree has been built."""
    return load_class("jumpstarter_driver_composite.driver.Proxy")(ref=ref)


def _instantiate(driver_class: type, value: dict[str, Any], children: dict[str, Driver]) -> Driver:
    texts = _mapping(value.get("methods_description"))
    description = value.get("description")
    described = {
        "description": description if isinstance(description, str) else None,
        "methods_description": {_method_name(name): str(text) for name, text in texts.items()},
    }
    # Packages before 0.8 have no descriptions.
    known = getattr(driver_class, "__dataclass_fields__", described)
    config = value.get("config") or {}
    if not isinstance(config, dict):
        raise ValueError(f"config: expected a mapping, found {type(config).__name__}")
    given = {name: text for name, text in described.items() if text and name in known}
    return driver_class(**{**config, **given}, children=children)


def _mapping(value: Any) -> dict[Any, Any]:
    """The exporter warns of what it ignores."""
    return value if isinstance(value, dict) else {}


def _method_name(name: Any) -> str:
    """A key of YAML 1.1, where `on` and `off` are booleans, as the name of a method."""
    return {True: "on", False: "off"}[name] if isinstance(name, bool) else str(name)


def _values(request: dict[str, Any]) -> dict[Path, Any]:
    """The entries by path, as PyYAML reads them; its rules are what official configs are written for."""
    try:
        document = yaml.safe_load(request.get("yaml") or "")
    except Exception:  # also ValueError, for a date that does not exist
        document = None
    entries = request["entries"]
    return {tuple(entry["path"]): _find(document, entry["path"], entry["value"]) for entry in entries}


def _find(document: Any, path: list[str], otherwise: Any) -> Any:
    place = document.get("export") if isinstance(document, dict) else None
    for name in path[:-1]:
        place = place.get(name) if isinstance(place, dict) else None
        place = place.get("children") if isinstance(place, dict) else None
    return place[path[-1]] if isinstance(place, dict) and path[-1] in place else otherwise


def _type_of(value: Any) -> str | None:
    return str(value["type"]) if isinstance(value, dict) and value.get("type") else None
