"""Flashes a file."""

import sys

from connect import connected, show

with connected() as client:
    client.flasher.flash(sys.argv[1])
    show("done")
