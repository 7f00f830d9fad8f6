"""Switches by HTTP, on an EnerGenie strip and on a serial relay. Shows what each became."""

import json
import sys
from urllib.request import urlopen

from connect import connected, show

web = f"http://127.0.0.1:{sys.argv[1]}"


def strip():
    with urlopen(f"{web}/strip") as response:
        return json.load(response)


with connected() as client:
    shown = {"http": [], "strip": [], "relay": []}
    for word in ("on", "off"):
        for name in ("http_power", "energenie", "noyito"):
            getattr(getattr(client, name), word)()
        shown["http"] += [[reading.voltage, reading.current] for reading in client.http_power.read()]
        shown["strip"].append(strip())
        shown["relay"].append(client.noyito.status())
    show(shown)
