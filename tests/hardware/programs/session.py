"""Runs the test's Python code line by line, with `client` connected."""

import gc
import json
import os
import sys

sys.path.insert(0, os.environ["OFFICIAL_PROGRAMS"])
from connect import connected  # noqa: E402


def text_of(error):
    """The text of an error, with those of its group."""
    return "; ".join([str(error), *map(text_of, getattr(error, "exceptions", []))])


# The client prints its progress on standard output, which is for answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

with connected() as client:
    kept = {}
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        # Collects the garbage of the line: streams end when they are collected.
        names = {"client": client, "kept": kept, "result": None}
        try:
            exec(json.loads(line), names)
            answer = {"result": names["result"]}
        except Exception as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            answer = {"raised": kinds, "text": text_of(error)}
        del names
        gc.collect()
        print(json.dumps(answer), file=answers, flush=True)
