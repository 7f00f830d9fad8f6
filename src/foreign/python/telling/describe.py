"""Describes the class of a driver as JSON. Imports the class, but makes no driver.

Arguments: what begins the line of the answer, and the type.
"""

import sys

# The working directory must not be searched for modules.
sys.path = [folder for folder in sys.path if folder]

import ast
import dataclasses
import enum
import importlib
import inspect
import json
import re
import textwrap
import types
from importlib import metadata

MARK, TYPE = sys.argv[1], sys.argv[2]
KINDS = {
    "marker_drivercall": "calls",
    "marker_streamingdrivercall": "streams",
    "marker_streamcall": "bytes",
}


def first_line(text):
    return (text or "").strip().split("\n")[0].strip()[:200]


def describe(cls, base):
    module = cls.__module__.split(".")[0]
    return {
        "client": cls.client(),
        "summary": summary_of(cls),
        **distribution_of(module),
        "keys": keys_of(cls, base),
        "methods": methods_of(cls, base),
        **children_of(cls, base),
    }


def summary_of(cls):
    """The first line of the docstring, unless `dataclass` made it."""
    line = first_line(cls.__dict__.get("__doc__"))
    return "" if line.startswith(f"{cls.__name__}(") else line


def distribution_of(module):
    """The distribution that a module is installed with."""
    names = [module.replace("_", "-"), *metadata.packages_distributions().get(module, [])]
    for name in names:
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        return {"distribution": found.metadata["Name"], "version": found.version}
    return {}


def keys_of(cls, base):
    """The fields that a config may set, without those of all drivers."""
    common = {field.name for field in dataclasses.fields(base)}
    meanings = meanings_of(cls, base)
    keys = []
    for field in dataclasses.fields(cls):
        if not field.init or field.name in common or field.name.startswith("_"):
            continue
        try:
            default = default_of(field)
        except Exception:
            # A config cannot write such a value: the field is for tests or for other code.
            continue
        meaning = {"meaning": meanings[field.name]} if field.name in meanings else {}
        required = {"required": not default}
        keys.append({"name": field.name, "type": type_text(field.type), **required, **default, **meaning})
    return keys


def default_of(field):
    """The default value as in a config; empty if there is none. Raises if it cannot be written."""
    if field.default_factory is not dataclasses.MISSING:
        return {"default": plain(field.default_factory())}
    if field.default is not dataclasses.MISSING:
        return {"default": plain(field.default)}
    return {}


def plain(value):
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if hasattr(value, "__fspath__"):
        return str(value)
    if dataclasses.is_dataclass(value):
        value = dataclasses.asdict(value)
    elif hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    json.dumps(value, allow_nan=False)
    return value


def type_text(given):
    if isinstance(given, str):
        return given
    if isinstance(given, type) and issubclass(given, enum.Enum):
        return " | ".join(str(member.value) for member in given)
    if isinstance(given, type) and not isinstance(given, types.GenericAlias):
        return given.__name__
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", str(given))


def above(cls, base):
    """The class and the classes above it, below the class of all drivers."""
    return [each for each in cls.__mro__ if each not in base.__mro__ and each is not object]


def source_of(cls):
    try:
        return textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):
        return ""


def meanings_of(cls, base):
    """What the sources say of fields: text below, beside or above them, or in the docstring."""
    meanings = {}
    for each in reversed(above(cls, base)):
        meanings.update(documented(each.__dict__.get("__doc__") or ""))
        source = source_of(each)
        try:
            body = ast.parse(source).body[0].body if source else []
        except SyntaxError:
            continue
        lines = source.split("\n")
        for node, following in zip(body, [*body[1:], None]):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                meaning = text_below(following) or comment(lines, node)
                if meaning and not meaning.endswith(":"):
                    meanings[node.target.id] = meaning
    return meanings


def documented(docstring):
    """Lines such as `port (int): number of the port` of a docstring."""
    found = re.findall(r"^[ \t]+(\w+)(?:[ \t]*\([^)\n]*\))?:[ \t]+(\S[^\n]*)$", docstring, re.MULTILINE)
    return {name: first_line(text) for name, text in found}


def text_below(node):
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return first_line(node.value.value) if isinstance(node.value.value, str) else ""
    return ""


def comment(lines, node):
    """The comment at the end of a field, or that above it if it is one line."""
    tail = re.search(r"(?:^|\s)#\s*(.+)$", lines[node.end_lineno - 1][node.end_col_offset:])
    if tail:
        return first_line(tail.group(1))
    before = [line.strip() for line in lines[max(0, node.lineno - 3) : node.lineno - 1]]
    if before and before[-1].startswith("#") and not (len(before) > 1 and before[-2].startswith("#")):
        return first_line(before[-1].lstrip("# "))
    return ""


def methods_of(cls, base):
    """The first line of each exported method's docstring, by kind and signature."""
    methods = {kind: {} for kind in KINDS.values()}
    for name in dir(cls):
        found = inspect.getattr_static(cls, name)
        for marker, kind in KINDS.items():
            if getattr(found, marker, None) is not None and not hasattr(base, name):
                arguments = "" if kind == "bytes" else arguments_of(found)
                methods[kind][f"{name}({arguments})"] = first_line(found.__doc__)
    return methods


def arguments_of(function):
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return ", ".join(argument_text(parameter) for parameter in parameters)


def argument_text(parameter):
    optional = "?" if parameter.default is not parameter.empty else ""
    star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    known = parameter.annotation is not parameter.empty
    return star + parameter.name + optional + (f": {type_text(parameter.annotation)}" if known else "")


def children_of(cls, base):
    """The names of the children that the sources make and use."""
    makes, uses = set(), set()
    for each in above(cls, base):
        try:
            tree = ast.parse(source_of(each))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            name = child_name(node)
            if name:
                (makes if isinstance(getattr(node, "ctx", None), ast.Store) else uses).add(name)
    return {"makes": sorted(makes), "uses": sorted(uses - makes)}


def child_name(node):
    """The name in `self.children["name"]` and `"name" in self.children`."""
    if isinstance(node, ast.Subscript):
        name, owner = node.slice, node.value
    elif isinstance(node, ast.Compare):
        name, owner = node.left, node.comparators[0]
    else:
        return None
    is_children = isinstance(owner, ast.Attribute) and owner.attr == "children"
    is_text = isinstance(name, ast.Constant) and isinstance(name.value, str)
    return name.value if is_children and is_text else None


def answer():
    module, _, name = TYPE.rpartition(".")
    try:
        from jumpstarter.driver import Driver

        cls = getattr(importlib.import_module(module), name)
        if not (isinstance(cls, type) and issubclass(cls, Driver)):
            return {"problem": f"{TYPE} is not a class of a driver"}
        return describe(cls, Driver)
    except (Exception, SystemExit) as error:
        return {"problem": f"{type(error).__name__}: {first_line(str(error))}"}


sys.stdout.write("\n" + MARK + json.dumps(answer(), default=str) + "\n")
