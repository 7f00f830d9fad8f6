"""Opens files of a storage until it is refused, and leaves without closing them."""

import os

from connect import connected, raised, show

with connected() as client:
    storage = client.storage
    for at in range(120):
        storage.open(f"left-{at}", "wb")
    for at in range(8):
        storage.open(f"left-{at}", "rb")
    show(raised(storage.open, "more", "wb"))
    os._exit(0)
