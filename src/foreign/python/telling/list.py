"""Lists the drivers of the installed packages as JSON. Imports none of them: that takes seconds.

Arguments: what begins the line of the answer, and the types to look for beside entry points.
"""

import sys

# The working directory must not be searched for modules.
sys.path = [folder for folder in sys.path if folder]

import ast
import json
import os
from importlib import metadata

MARK, TYPES = sys.argv[1], json.loads(sys.argv[2])


class Sources:
    """The classes of modules, read from their sources."""

    def __init__(self):
        self._classes = {}

    def find(self, module, name):
        """The definition of a class, and the module that it is in; None if it is not found."""
        for _ in range(8):
            classes, imports = self._read(module)
            if name in classes:
                return classes[name], module
            if name not in imports:
                return None
            module, name = imports[name]
        return None

    def _read(self, module):
        if module not in self._classes:
            self._classes[module] = parse(module)
        return self._classes[module]


def parse(module):
    """The classes of a module, and where the names that it imports come from."""
    path = source_of(module)
    if path is None or os.path.getsize(path) > 4 * 1024 * 1024:
        return {}, {}
    with open(path, encoding="utf-8") as file:
        try:
            tree = ast.parse(file.read())
        except (SyntaxError, ValueError):
            return {}, {}
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    imports = {}
    package = module if os.path.basename(path) == "__init__.py" else module.rpartition(".")[0]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            origin = absolute(node, package)
            for alias in node.names:
                imports[alias.asname or alias.name] = (origin, alias.name)
    return classes, imports


def absolute(node, package):
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join(above + ([node.module] if node.module else []))


def source_of(module):
    below = module.replace(".", os.sep)
    for folder in sys.path:
        for path in (f"{below}.py", os.path.join(below, "__init__.py")):
            if os.path.isfile(os.path.join(folder, path)):
                return os.path.join(folder, path)
    return None


def summary_of(node):
    return (ast.get_docstring(node) or "").strip().split("\n")[0][:200]


def client_of(sources, node, module, depth=8):
    """The text that `client()` returns, of the class or of a class above it."""
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "client":
            for inner in ast.walk(member):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                    return inner.value.value if isinstance(inner.value.value, str) else None
            return None
    for base in node.bases if depth else []:
        found = sources.find(module, base.id) if isinstance(base, ast.Name) else None
        client = found and client_of(sources, *found, depth - 1)
        if client:
            return client
    return None


def candidates():
    """The types that there may be, with their distributions."""
    for point in metadata.entry_points(group="jumpstarter.drivers"):
        if point.attr:
            yield f"{point.module}.{point.attr}", point.dist
    for name in TYPES:
        if source_of(name.rpartition(".")[0]) is None:
            continue
        try:
            yield name, metadata.distribution(name.split(".")[0].replace("_", "-"))
        except metadata.PackageNotFoundError:
            continue


def main():
    sources = Sources()
    drivers = {}
    for name, distribution in candidates():
        if name in drivers:
            continue
        module, _, cls = name.rpartition(".")
        found = sources.find(module, cls)
        drivers[name] = {
            "type": name,
            "distribution": distribution.metadata["Name"],
            "version": distribution.version,
            "summary": summary_of(found[0]) if found else "",
            "client": client_of(sources, *found) if found else None,
        }
    listed = sorted(drivers.values(), key=lambda driver: driver["type"])
    sys.stdout.write("\n" + MARK + json.dumps(listed) + "\n")


main()
