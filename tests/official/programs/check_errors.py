"""The errors of a driver in the official client."""

from uuid import uuid4

from anyio import EndOfStream
from connect import connected, raised, show

KINDS = ["InvalidArgument", "NotSupported", "Timeout", "ConnectionFailed", "DeviceError", "Error"]


def streamed(faults, kind):
    """The items before the error, and the error."""
    items = []

    def read():
        items.extend(iterate())

    def iterate():
        for item in faults.streamingcall("failing", kind, "no such luck"):
            items.append(item)
        return []

    return {"items": items, **raised(read)}


def stray(client):
    """A client of a driver that the exporter does not have."""
    known = client.uuid
    client.uuid = uuid4()
    try:
        return raised(client.call, "on")
    finally:
        client.uuid = known


def broken(client):
    """A stream that cannot be opened looks like one that has ended."""
    with client.stream() as stream:
        try:
            return stream.receive() and "data"
        except EndOfStream:
            return "EndOfStream"
        except Exception as error:
            return type(error).__name__


with connected() as client:
    faults, power = client.faults, client.power
    result = {
        "calls": {kind: raised(faults.call, "fail", kind, "no such luck") for kind in KINDS},
        "streams": {kind: streamed(faults, kind) for kind in KINDS},
        "unknown": raised(power.rescue),
        "wrong kind": raised(power.call, "read"),
        "wrong stream": raised(lambda: list(power.streamingcall("on"))),
        "constructor": raised(power.call, "constructor"),
        "arguments": raised(client.loop.call, "set_dtr", True, 1),
        "argument": raised(client.loop.call, "set_dtr", "maybe"),
        "missing": raised(client.gone.call, "set_dtr", True),
        "missing stream": broken(client.gone),
        "alien": raised(client.alien.call, "x"),
        "stray": stray(power),
    }
    # None of these may disturb the others.
    power.on()
    assert faults.call("echo", {"a": [1, None, "ü"]}) == {"a": [1, None, "ü"]}
    show(result)
