"""Holds a serial stream and a streaming call open until it is killed."""

import sys

from connect import connected, show

with connected() as client, client.serial.stream() as stream:
    stream.send(b"here\n")
    assert stream.receive()
    ticks = client.faults.streamingcall("ticks")
    next(ticks)
    show("holding")
    for _ in ticks:
        pass
    sys.exit("the ticks ended")
