"""Uploads a file through the router, and fetches it from the TFTP server by curl."""

import subprocess
import sys
from pathlib import Path

from connect import connected, show

folder = Path(sys.argv[1])
image = bytes(range(256)) * 1200
(folder / "uploaded").write_bytes(image)
with connected() as client:
    server = client.tftp
    server.start()
    server.storage.write_from_path("kernel", str(folder / "uploaded"))
    url = f"tftp://{server.get_host()}:{int(server.get_port())}/kernel"
    fetched = subprocess.run(["curl", "-sS", "--max-time", "30", url], stdout=subprocess.PIPE, check=True).stdout
    names = list(server.storage.list("/"))
    server.stop()
    show({"equal": fetched == image, "names": names})
