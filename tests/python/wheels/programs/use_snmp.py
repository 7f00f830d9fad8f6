"""Switches an outlet of an SNMP agent. Shows the outlet after each command."""

import sys
from pathlib import Path

from connect import connected, show

outlet = Path(sys.argv[1])
with connected() as client:
    states = []
    for command in (client.snmp.on, client.snmp.off, client.snmp.on):
        command()
        states.append(outlet.read_text().strip())
    show(states)
