"""The devices of the exporters: ptys and a TCP port that echo."""

import json
import os
import pty
import socket
import sys
import tty
from threading import Thread

CHUNK = 256 * 1024


def open_pty():
    master, device = pty.openpty()
    tty.setraw(device)

    def echo():
        while data := os.read(master, CHUNK):
            while data:
                data = data[os.write(master, data) :]

    Thread(target=echo, daemon=True).start()
    return os.ttyname(device)


def open_port():
    server = socket.create_server(("127.0.0.1", 0))

    def echo(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = memoryview(bytearray(CHUNK))
        with connection:
            while size := connection.recv_into(buffer):
                connection.sendall(buffer[:size])

    def accept():
        while True:
            Thread(target=echo, args=(server.accept()[0],), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


offered = {"pty": open_pty(), "bulk_pty": open_pty(), "tcp": open_port()}
for _ in sys.stdin:
    print(json.dumps(offered), flush=True)
