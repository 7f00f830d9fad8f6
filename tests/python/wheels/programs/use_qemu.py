"""
Writes a disk image, starts the machine from it, talks with it on its console, and stops it. The
image is a boot sector that answers each letter on the serial port in the other case.
"""

import sys
import time
from pathlib import Path

import pexpect
from connect import connected, show

# cli; poll: in al, 0x3fd; test al, 1; jz poll; in al, 0x3f8; xor al, 0x20; out 0x3f8, al; jmp poll
CODE = bytes.fromhex("fa bafd03 ec a801 74f8 baf803 ec 3420 ee ebef")

image = Path(sys.argv[1]) / "disk"
image.write_bytes(CODE.ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20))
with connected() as client:
    machine = client.qemu
    machine.flasher.flash(str(image))
    machine.power.on()
    answered = False
    with machine.console.pexpect() as console:
        # The firmware takes no letters; it is done when one is answered.
        for _ in range(120):
            console.send("hello")
            if answered := console.expect_exact(["HELLO", pexpect.TIMEOUT], timeout=0.5) == 0:
                break
    machine.power.off()
    show({"hostname": machine.hostname, "answered": answered})
