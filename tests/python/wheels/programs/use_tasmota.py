"""Switches a Tasmota switch, which answers each command. Shows what the broker keeps of it."""

import sys

from connect import connected, show
from paho.mqtt import subscribe


def state():
    message = subscribe.simple("stat/lab/POWER", port=int(sys.argv[1]), keepalive=10)
    return message.payload.decode()


with connected() as client:
    client.tasmota.on()
    states = [state()]
    client.tasmota.off()
    show([*states, state()])
