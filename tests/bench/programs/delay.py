"""A proxy for a Unix socket that delays all bytes by half a round trip each way."""

import os
import queue
import socket
import sys
import time
from threading import Thread

CHUNK = 256 * 1024
# Chunks in flight: many more than any window allows.
UNDER_WAY = 1024


def carry(source, target, delay):
    chunks = queue.Queue(UNDER_WAY)

    def read():
        try:
            while data := source.recv(CHUNK):
                chunks.put((time.monotonic() + delay, data))
        except OSError:
            pass
        chunks.put((time.monotonic() + delay, b""))

    Thread(target=read, daemon=True).start()
    while True:
        due, data = chunks.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            if data:
                target.sendall(data)
            else:
                target.shutdown(socket.SHUT_WR)
                return
        except OSError:
            return


def main(near, far, round_trip_ms):
    delay = float(round_trip_ms) / 2000
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(near)
    listener.listen()

    def accept():
        while True:
            client = listener.accept()[0]
            server = socket.socket(socket.AF_UNIX)
            server.connect(far)
            for pair in ((client, server), (server, client)):
                Thread(target=carry, args=(*pair, delay), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    for _ in sys.stdin:
        print("{}", flush=True)
    os.unlink(near)


main(*sys.argv[1:])
