"""Uploads a file through the router, and fetches it from the HTTP server by curl."""

import subprocess
import sys
from pathlib import Path

from connect import connected, show

folder = Path(sys.argv[1])
image = bytes(range(256)) * 8000
(folder / "image").write_bytes(image)
with connected() as client:
    client.http.start()
    url = client.http.put_file("image", str(folder / "image"))
    fetched = subprocess.run(["curl", "-sSf", "--max-time", "30", url], stdout=subprocess.PIPE, check=True).stdout
    client.http.stop()
    refused = subprocess.run(["curl", "-sf", "--max-time", "30", url]).returncode != 0
    show({"equal": fetched == image, "refused": refused})
