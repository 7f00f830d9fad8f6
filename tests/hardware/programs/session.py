"""An official client that does what the test says, line by line, with `client` connected."""

import gc
import json
import os
import sys

sys.path.insert(0, os.environ["OFFICIAL_PROGRAMS"])
from connect import connected  # noqa: E402


def text_of(error):
    """What an error says, and what those say that it groups."""
    return "; ".join([str(error), *map(text_of, getattr(error, "exceptions", []))])


# The client shows its progress on standard output, which is for answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

with connected() as client:
    kept = {}
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        # What a line leaves behind goes with it, but for what it keeps: streams end when they are garbage.
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
