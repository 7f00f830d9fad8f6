"""Opens a stream that is refused, through a forwarded port, and prints the exporter's warnings."""

import json
import logging
import socket
import time

from jumpstarter.utils.env import env
from jumpstarter_driver_network.adapters import TcpPortforwardAdapter

lines = []


class Keep(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


logging.getLogger("exporter:driver").addHandler(Keep(logging.WARNING))

with env() as client, client.log_stream():
    with TcpPortforwardAdapter(client=client.ssh) as address:
        with socket.create_connection(address) as connection:
            connection.sendall(b"hello")
            deadline = time.monotonic() + 60  # a hang guard
            while not lines and time.monotonic() < deadline:
                time.sleep(0.05)
    client.power.on()

print(json.dumps(lines))
