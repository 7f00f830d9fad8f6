"""Reads the chip of a board with an ESP32, and flashes an image."""

import sys
from pathlib import Path

from connect import connected, show

image = Path(sys.argv[1]) / "firmware"
image.write_bytes(b"firmware " * 3000)
with connected() as client:
    info = client.esp32.get_chip_info()
    client.esp32.flash(str(image), target="0x1000")
    show(info)
