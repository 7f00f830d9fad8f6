"""Shared by the programs: a client of the exporter under test, and the result."""

import json
import os
from contextlib import contextmanager

from jumpstarter.config.client import ClientConfigV1Alpha1
from jumpstarter.utils.env import env


@contextmanager
def connected():
    """A client by the way that the environment names: a host, or a lease of a controller."""
    config = os.environ.get("TEST_CLIENT_CONFIG")
    if config is None:
        with env() as client:
            yield client
        return
    with ClientConfigV1Alpha1.from_file(config).lease() as lease, lease.connect() as client:
        yield client


def show(result):
    """Prints a result for the test: one line of JSON."""
    print(json.dumps(result), flush=True)


def raised(function, *args):
    """The error that a call raises: its class, its built-in classes, and its text."""
    try:
        result = function(*args)
    except Exception as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        builtin = [kind for kind in ("NotImplementedError", "ValueError") if kind in kinds]
        return {"class": kinds[0], "builtin": builtin, "text": str(error)}
    raise AssertionError(f"expected an error, found {result!r}")
