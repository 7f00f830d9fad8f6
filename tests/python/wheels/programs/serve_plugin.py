"""
A pytest plugin: `jumpstarter.common.utils.serve()` serves its driver out of process.

The tests in the official wheels build a driver and pass it to `serve()`, which serves it in the
process of the test. This plugin writes the driver, as it was constructed, into an ExporterConfig,
and starts the exporter of the environment variable TEST_EXPORTER on it: a JSON array, the words of
a command in which `{config}` and `{socket}` stand for the paths of the file and of the socket.

At the end it writes the file TEST_REPORT: for each test its outcome, and whether it was served.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

import jumpstarter.common.utils
import yaml
from anyio.from_thread import start_blocking_portal
from jumpstarter.client import client_from_path
from jumpstarter.driver import Driver
from jumpstarter_driver_composite.driver import Composite, Proxy
from pydantic import BaseModel

# Python takes seconds to start on a busy machine.
START_S = 60
END_S = 20
# The name of a driver that is no composite: an exporter's root always is one.
ROOT = "root"

# The outcomes of the tests, and those of them that an exporter served.
OUTCOMES = {}
SERVED = set()


def construct(cls, *args, **kwargs):
    """Keeps what a driver is constructed with, since drivers change their own fields."""
    instance = object.__new__(cls)
    object.__setattr__(instance, "_constructed_with", kwargs)
    return instance


def plain(value):
    """`value` as YAML can hold it."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case Path():
            return str(value)
        case BaseModel():
            return value.model_dump(mode="json")
        case _ if is_dataclass(value):
            return plain({field.name: getattr(value, field.name) for field in fields(value)})
        case dict():
            return {plain(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
    raise TypeError(f"Cannot write {value!r} into a config")


def entry_of(driver, prefix=""):
    """The entry of a driver. `prefix` is the path, with its dot, of what refs start from."""
    given = dict(driver._constructed_with)
    children = {name: entry_of(child, prefix) for name, child in given.pop("children", {}).items()}
    if isinstance(driver, Proxy):
        return {"ref": prefix + given["ref"]}
    kind = type(driver)
    entry = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    for key in ("description", "methods_description"):
        if given.get(key):
            entry[key] = given.pop(key)
    return {**entry, "config": plain(given), "children": children}


def config_of(driver):
    """An ExporterConfig whose tree is the driver's, or has the driver as its only entry."""
    if type(driver) is Composite:
        export = entry_of(driver)["children"]
    else:
        export = {ROOT: entry_of(driver, f"{ROOT}.")}
    return {
        "apiVersion": "jumpstarter.dev/v1alpha1",
        "kind": "ExporterConfig",
        "metadata": {"namespace": "lab", "name": "board"},
        "export": export,
    }


@contextmanager
def exporter(config):
    """Runs the exporter on a config. Yields the path of its socket."""
    SERVED.add(os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0])
    with TemporaryDirectory(prefix="jmp-wheel-") as folder:
        places = {"{config}": f"{folder}/exporter.yaml", "{socket}": f"{folder}/socket"}
        Path(places["{config}"]).write_text(yaml.safe_dump(config))
        words = json.loads(os.environ["TEST_EXPORTER"])
        for name, path in places.items():
            words = [word.replace(name, path) for word in words]
        with open(f"{folder}/log", "w+") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                await_socket(process, places["{socket}"])
                yield places["{socket}"]
            finally:
                end(process)
                # pytest shows it with a test that fails.
                log.seek(0)
                print(log.read(), file=sys.stderr)


def await_socket(process, path):
    """Waits until the exporter listens."""
    start = time.monotonic()
    while process.poll() is None and time.monotonic() - start < START_S:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(path) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"Expected the exporter to listen on {path}, found code {process.poll()}")


def end(process):
    """Ends the exporter as a service manager does."""
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@asynccontextmanager
async def serve_async(root_device, portal, stack):
    """As the official one, with the exporter in another process."""
    # What it has opened and started is the exporter's to open and start.
    root_device.close()
    with exporter(config_of(root_device)) as path:
        async with client_from_path(path, portal, stack, allow=[], unsafe=True) as root:
            client = root if type(root_device) is Composite else root.children[ROOT]
            try:
                yield client
            finally:
                if hasattr(client, "close"):
                    client.close()


@contextmanager
def serve(root_device):
    """As the official one, with the exporter in another process."""
    with start_blocking_portal() as portal, ExitStack() as stack:
        with portal.wrap_async_context_manager(serve_async(root_device, portal, stack)) as client:
            yield client


def pytest_runtest_logreport(report):
    if report.when == "call" or not report.passed:
        OUTCOMES[report.nodeid] = report.outcome


def pytest_sessionfinish():
    report = {
        test: {"outcome": outcome, "served": test in SERVED} for test, outcome in OUTCOMES.items()
    }
    Path(os.environ["TEST_REPORT"]).write_text(json.dumps(report))


# Before the tests are imported, since they take these by their names.
Driver.__new__ = construct
jumpstarter.common.utils.serve_async = serve_async
jumpstarter.common.utils.serve = serve
