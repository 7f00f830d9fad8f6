"""Writes the content of addresses, which the exporter fetches itself, and prints what it has then."""

import sys

from connect import connected, show

with connected() as client:
    for number, url in enumerate(sys.argv[1:]):
        client.storage.write_from_path(f"{number}", url)
    show([client.storage.read_bytes(f"{number}").decode() for number in range(len(sys.argv) - 1)])
