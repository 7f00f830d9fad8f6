"""A slow network as an interface: `delay.py MS LOSS BITS`.

What is routed into the interface `jmpdelay` comes out of it MS milliseconds later, except for
the share LOSS of it, and never faster than BITS a second. The kernel's netem does the same, but
is not part of every kernel.
"""

import fcntl
import os
import random
import select
import struct
import sys
import time
from collections import deque

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
LONGEST_QUEUE_S = 1.0

delay, loss, bits = float(sys.argv[1]) / 1000, float(sys.argv[2]), float(sys.argv[3])
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", b"jmpdelay", IFF_TUN | IFF_NO_PI))
print("ready", flush=True)

waiting = deque()
free_at = 0.0
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        os.write(tun, waiting.popleft()[1])
    bound = max(0.0, waiting[0][0] - now) if waiting else None
    if not select.select([tun], [], [], bound)[0]:
        continue
    packet = os.read(tun, 65536)
    now = time.monotonic()
    if random.random() < loss or free_at - now > LONGEST_QUEUE_S:
        continue
    free_at = max(now, free_at) + len(packet) * 8 / bits
    waiting.append((free_at + delay, packet))
