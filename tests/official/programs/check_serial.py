"""A serial port through its official client: pexpect, streams, the modem lines."""

import os

from anyio import EndOfStream
from connect import connected, raised, show

REOPENED = 20
LARGE = 128 * 1024


def pexpect(serial):
    with serial.pexpect() as session:
        session.sendline("uname -a")
        session.expect_exact(b"UNAME -A\n", timeout=30)
        session.send("login: ")
        session.expect("LOGIN: $", timeout=30)


def reopen(serial):
    """The answers to a client reach this client completely, and no other one."""
    for number in range(REOPENED):
        text = f"<{number}>".encode() + os.urandom(1500).hex().encode()
        with serial.stream() as stream:
            stream.send(text)
            assert receive(stream, len(text)) == text.swapcase(), f"open {number}"


def large(serial):
    data = os.urandom(LARGE)
    with serial.stream() as stream:
        sent = 0
        answer = b""
        while len(answer) < LARGE:
            # A pty buffers 4 KiB: writing more without reading would block for ever.
            while sent < LARGE and sent - len(answer) < 16384:
                stream.send(data[sent : sent + 4096])
                sent += 4096
            answer += stream.receive()
    assert answer == data.swapcase()


def close(serial):
    """Ends the open streams, but not later ones."""
    with serial.stream() as stream:
        stream.send(b"x")
        assert receive(stream, 1) == b"X"
        assert serial.call("close") is None
        try:
            raise AssertionError(f"expected the end, found {stream.receive()!r}")
        except EndOfStream:
            pass
    pexpect(serial)


def loop(serial):
    with serial.stream() as stream:
        stream.send(b"round and round")
        assert receive(stream, 15) == b"round and round"


def receive(stream, size):
    data = b""
    while len(data) < size:
        data += stream.receive()
    return data


with connected() as client:
    pexpect(client.serial)
    reopen(client.serial)
    large(client.serial)
    close(client.serial)
    loop(client.loop)
    show({"dtr": raised(client.serial.call, "set_dtr", True)})
