"""
What the hosted drivers work with: serial devices, a web power switch, a Tasmota switch and a
diagnosed unit that an official wheel simulates, until standard input ends. Prints their places as JSON.
"""

import json
import os
import pty
import sys
import threading
import tty

from esp32_chip import Chip
from jumpstarter_driver_uds_doip.conftest import MockDoIPUdsServer
from noyito_relay import Relay
from tasmota_switch import start_tasmota
from web_switch import start_web_switch


class Unit(MockDoIPUdsServer):
    """Keeps the connections that are idle for longer than a second."""

    def _handle_client(self, conn):
        conn.settimeout(None)
        super()._handle_client(conn)


def open_pty(answer):
    """A pty whose far end answers what it receives. Returns the path of its device side."""
    far, device = pty.openpty()
    tty.setraw(device)

    def talk():
        while True:
            answered = answer(os.read(far, 65536))
            while answered:
                answered = answered[os.write(far, answered) :]

    threading.Thread(target=talk, daemon=True).start()
    return os.ttyname(device)


start_tasmota(int(sys.argv[1]))
chip = Chip()
places = {
    "esp32": open_pty(chip.answer),
    "noyito": open_pty(Relay().answer),
    "web": start_web_switch(),
    "doip": Unit().port,
}
print(json.dumps(places), flush=True)
for _ in sys.stdin:
    print(json.dumps({"flash": bytes(chip.flash).rstrip(b"\xff").hex()}), flush=True)
# Without waiting for the simulator's threads.
os._exit(0)
