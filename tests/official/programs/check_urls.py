"""Images that the exporter itself downloads and uploads for the client."""

import gzip
import http.server
import sys
import threading
import zlib
from pathlib import Path

from backports import zstd

from connect import connected, raised, show
from images import digest_of, write_image

folder = Path(sys.argv[1])
seen = []
received = {}


def deflated(data):
    """Without the frame of zlib, as some servers send it."""
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


CODED = {
    "gzip": gzip.compress,
    "GZIP": lambda data: gzip.compress(data) + b"metadata",
    "deflate": zlib.compress,
    "Deflate": deflated,
    "zstd": zstd.compress,
    "exi": bytes,
}


class Site(http.server.BaseHTTPRequestHandler):
    """Serves the image, also by a redirect, and accepts one."""

    protocol_version = "HTTP/1.1"

    def send_coded(self, coding):
        """The image as each coding makes it, with 40 KB of headers."""
        body = CODED[coding]((folder / "site.img").read_bytes())
        self.send_response(200)
        self.send_header("Content-Encoding", coding)
        self.send_header("Content-Length", str(len(body)))
        for index in range(40):
            self.send_header(f"X-Policy-{index}", "p" * 1000)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/coded/"):
            return self.send_coded(self.path[7:].partition("?")[0])
        seen.append((self.path, self.headers.get("x-amz-secret")))
        if self.path.startswith("/moved"):
            self.send_response(307)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/im%40ge?sig=%2F")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/im%40ge"):
            body = (folder / "site.img").read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        else:
            self.send_error(404)

    def do_PUT(self):
        # As S3: without the size there is no request.
        received[self.path] = len(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def presigned(url, method, **headers):
    return {"kind": "presigned_request", "url": url, "method": method, "headers": headers}


site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{site.server_port}"
expected = write_image(folder / "site.img", 5_000_003)
back = folder / "site.back"

with connected() as client:
    for device in (client.flasher, client.sdcard):
        device.flash(f"{base}/im%40ge?sig=%2F&x=a+b")
        device.dump(back)
        assert digest_of(back) == expected
    for coding in CODED:
        if coding == "exi":
            continue
        client.flasher.flash(f"{base}/coded/{coding}?sig")
        client.flasher.dump(back)
        assert digest_of(back) == expected, coding
    secret = {"x-amz-secret": "yes"}
    client.flasher.call("flash", presigned(f"{base}/moved?sig", "GET", **secret), None)
    client.flasher.dump(back)
    assert digest_of(back) == expected
    client.flasher.call("dump", presigned(f"{base}/up%40load?sig", "PUT"), None)
    client.storage.write_from_path("from-url", f"{base}/im%40ge")
    assert client.storage.hash("from-url") == expected
    errors = {
        "missing": raised(lambda: client.flasher.flash(f"{base}/missing?secret")),
        "unknown": raised(lambda: client.flasher.flash(f"{base}/coded/exi?secret")),
        "nobody": raised(lambda: client.flasher.flash("http://127.0.0.1:1/image?secret")),
    }
    show({"seen": seen, "received": received, "errors": errors})
