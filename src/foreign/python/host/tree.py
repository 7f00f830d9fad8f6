"""The tree that a child serves: groups, uuids and the rows of its report."""

from __future__ import annotations

import uuid
from typing import Any, Callable, Iterator

from jumpstarter.driver import Driver

from . import problems
from .build import Builder, Path

OnStep = Callable[[str, str], None]
"""Called with what begins for a driver, `make`, `reset` or `close`, and the driver's path."""

_UUIDS = uuid.UUID("6f3d7b0a-2a55-5c1e-9a39-5d4e8f0b7c21")
_MAX_DEPTH = 32


class Group(Driver):
    """Stands for a composite of the exporter above entries of this process."""

    @classmethod
    def client(cls) -> str:
        return "jumpstarter_driver_composite.client.CompositeClient"

    def reset(self) -> None:
        """Done by the tree, entry by entry."""

    def close(self) -> None:
        """Done by the tree, entry by entry."""


class Tree:
    """The drivers of one child below one root."""

    def __init__(self, builder: Builder, request: dict[str, Any]) -> None:
        self._builder = builder
        identity = request["identity"]
        self._prefix = f"{identity['namespace']}/{identity['name']}"
        self.root = Group()
        for path, driver in builder.entries.items():
            self._group(path[:-1]).children[path[-1]] = driver
        for path, driver in builder.drivers.items():
            # Stand-ins that a late ref may name; the exporter serves them itself.
            if path not in builder.entries and len(path) == 1:
                self.root.children[path[0]] = driver
        self._name_all()
        self._leave_out_refs_to_nothing()

    def _group(self, path: Path) -> Driver:
        group = self.root
        for index, name in enumerate(path):
            if name not in group.children:
                made = Group()
                made.uuid = self._uuid(path[: index + 1])
                group.children[name] = made
            group = group.children[name]
        return group

    def _uuid(self, path: Path) -> uuid.UUID:
        return uuid.uuid5(_UUIDS, f"{self._prefix}/{'.'.join(path)}")

    def _name_all(self) -> None:
        """Gives every driver the uuid of the place where the config defines it, or else of the highest
        place where it is found: parents may share children."""
        defined = {id(driver): path for path, driver in self._builder.drivers.items()}
        seen: set[int] = set()
        level = [(path, driver) for path, driver in self._builder.entries.items()]
        while level:
            below: list[tuple[Path, Driver]] = []
            for found, driver in level:
                if id(driver) in seen or _is_proxy(driver):
                    continue
                seen.add(id(driver))
                path = defined.get(id(driver), found)
                if path not in self._builder.fixed_uuids:
                    driver.uuid = self._uuid(path)
                below.extend(((*path, name), child) for name, child in driver.children.items())
            level = below

    def _leave_out_refs_to_nothing(self) -> None:
        """Else the parent of such a ref could not be reported."""
        for path, driver in self._builder.drivers.items():
            for name, child in list(driver.children.items()):
                if not _is_proxy(child):
                    continue
                place = (*path, name)
                try:
                    next(self._walk(child, place, driver))
                except BaseException as error:
                    del driver.children[name]
                    self._builder.problems[place] = {"type": None} | problems.describe(error)

    def entries(self) -> list[tuple[Path, Driver]]:
        return list(self._builder.entries.items())

    def drivers(self) -> list[tuple[str, Driver]]:
        """Every driver once, by the path of its uuid's place."""
        found: dict[int, tuple[str, Driver]] = {}
        for path, driver in self._builder.drivers.items():
            found[id(driver)] = (".".join(path), driver)
        for path, driver in self.entries():
            for below, _, instance in self._walk(driver, path, self.root):
                if not _is_proxy(instance):
                    found.setdefault(id(instance), (".".join(below), instance))
        return list(found.values())

    def reset(self, on_step: OnStep) -> None:
        """Resets each entry; one that cannot be reset is left out."""
        for path, driver in self.entries():
            on_step("reset", ".".join(path))
            try:
                driver.reset()
            except BaseException as error:
                self._drop(path, error)

    def rows(self) -> list[dict[str, Any]]:
        """The reports of all drivers, parents before children. Leaves out entries without one."""
        rows: list[dict[str, Any]] = []
        again = True
        while again:
            again, rows = False, []
            for path, driver in self.entries():
                try:
                    rows.extend(self._rows_of(path, driver))
                except BaseException as error:
                    # Others may refer to it.
                    self._drop(path, error)
                    again = True
        return rows

    def close(self, on_step: OnStep, log: Any) -> None:
        """Closes each entry; an error keeps none of the others from being closed."""
        for path, driver in self.entries():
            on_step("close", ".".join(path))
            try:
                driver.close()
            except Exception as error:
                log.error("Cannot close driver %s: %s: %s", ".".join(path), type(error).__name__, error)

    def _rows_of(self, path: Path, driver: Driver) -> Iterator[dict[str, Any]]:
        for below, parent, instance in self._walk(driver, path, self._group(path[:-1])):
            report = instance.report(parent=parent, name=below[-1])
            labels = dict(report.labels)
            labels.pop("jumpstarter.dev/name", None)
            row = {
                "path": ".".join(below),
                "uuid": report.uuid,
                "labels": labels,
                "methodsDescription": dict(getattr(report, "methods_description", None) or {}),
            }
            description = getattr(report, "description", None)
            yield row | {"description": description} if description else row

    def _walk(self, driver: Driver, path: Path, parent: Driver) -> Iterator[tuple[Path, Driver, Driver]]:
        if len(path) > _MAX_DEPTH:
            raise ValueError(f"expected at most {_MAX_DEPTH} drivers below each other")
        for _ in range(_MAX_DEPTH):
            if not _is_proxy(driver):
                break
            driver = driver._resolve_proxy_target(self.root, path[-1])
        else:
            raise ValueError("expected a ref to a driver, found one that leads back to itself")
        yield path, parent, driver
        for name, child in driver.children.items():
            yield from self._walk(child, (*path, name), driver)

    def _drop(self, path: Path, error: BaseException) -> None:
        driver = self._builder.entries.pop(path)
        self._group(path[:-1]).children.pop(path[-1])
        self._builder.problems[path] = {"type": _type_of(driver)} | problems.describe(error)


def _type_of(driver: Driver) -> str | None:
    kind = type(driver)
    return None if _is_proxy(driver) else f"{kind.__module__}.{kind.__qualname__}"


def _is_proxy(driver: Driver) -> bool:
    return hasattr(type(driver), "_resolve_proxy_target")
