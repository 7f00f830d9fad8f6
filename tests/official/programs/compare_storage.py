"""Compares the answers of our storages and official ones to the same calls."""

import http.server
import json
import re
import sys
import threading
import warnings
from pathlib import Path

from connect import connected, show
from jumpstarter.common.utils import serve
from jumpstarter_driver_opendal.client import OpendalFile
from jumpstarter_driver_opendal.driver import Opendal

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
port = int(sys.argv[2])

NOWHERE = "7faa74dd-8a6b-41f1-98fa-baa513eed216"
PATHS = ["", "/", "d", "d/", "x", "x/", "x/y", "x/y/", "f.txt", "/f.txt", "f.txt/", "missing", "missing/", "ü", " f.txt "]
LOOK = [
    ["capability"],
    *[[method, path] for method in ("exists", "stat", "list", "scan") for path in PATHS],
    *[["hash", path, algorithm] for path in ("f.txt", "d/", "missing", "x/y/g") for algorithm in ("md5", "sha256", "sha1")],
    ["hash", "f.txt"],
    *[["open", path, mode] for path in ("d/", "missing", "", "missing/") for mode in ("rb", "ab")],
    ["open", "missing/", "wb"],
]
CHANGE = [
    *[["create_dir", path] for path in ("d/", "d/", "d", "x/y/", "", "/", "x/z")],
    *[["copy", *pair] for pair in (
        ("f.txt", "g.txt"), ("missing", "g"), ("f.txt", "n/e/w.txt"), ("f.txt", "f.txt"), ("f.txt", "/f.txt"),
        ("d/", "e/"), ("f.txt", "d/"), ("f.txt", "d"), ("f.txt", "g.txt"),
    )],
    *[["rename", *pair] for pair in (
        ("g.txt", "h.txt"), ("missing", "q"), ("h.txt", "h.txt"), ("h.txt", "p/q.txt"), ("d/", "d2/"), ("p/q.txt", "f2.txt"),
    )],
]
REMOVE = [
    *[["delete", path] for path in ("missing", "n/e/w.txt", "n/", "x/", "x/y/z", "d/", "d/")],
    *[["remove_all", path] for path in ("x/", "missing", "missing/", "n/")],
]
ODD = [
    *[[f"presign_{kind}", path, 10] for kind in ("stat", "read", "write") for path in ("a", "a b/c?d#e", "", "x/")],
    *[["register_path", path] for path in ("\\a\\b/../c//", ".", "../x", "a//b", "/lead/")],
    ["get_created_resources"],
    ["stat"], ["stat", "a", "b"], ["stat", 1], ["stat", None], ["hash", "a", None], ["copy", "a"], ["open", "a"],
    ["open", "a", "r"], ["exists", None], ["list", None], ["list", 1], ["list"], ["presign_stat", "a"],
    ["presign_stat", "a", "x"], ["nothing"], ["file_tell", "zz"], ["file_tell", NOWHERE], ["file_seek", NOWHERE, 1.5],
    ["file_close", NOWHERE], ["file_read", NOWHERE, None], ["file_write", NOWHERE, "handle"], ["file_closed"],
]


def ask(client, method, *args):
    """The result of a call, or the kind of its error."""
    try:
        if method in ("list", "scan"):
            return sorted(client.streamingcall(method, *args))
        result = client.call(method, *args)
        return sorted(result) if method == "get_created_resources" else result
    except Exception as error:
        text = str(error)
        code = re.search(r"failed with gRPC (\w+)", text)
        kind = re.search(r"\b([A-Z]\w+) \((?:permanent|temporary)\)", text)
        return {"error": type(error).__name__, "code": code and code[1], "kind": kind and kind[1]}


def state(client, fd):
    return [ask(client, f"file_{name}", fd) for name in ("closed", "readable", "seekable", "writable", "tell")]


def files(client, path):
    """The life of a file, step by step."""
    yield "created", (fd := ask(client, "open", path, "wb")) and None
    file = OpendalFile(client=client, fd=fd)
    yield "fresh", state(client, fd)
    yield "seek", ask(client, "file_seek", fd, 0)
    file.write_bytes(b"0123456789")
    file.write_bytes(b"abc")
    yield "closing", [ask(client, "file_close", fd), ask(client, "file_close", fd)]
    yield "closed", [*state(client, fd), ask(client, "file_seek", fd, 0)]
    fd = ask(client, "open", path, "rb")
    file = OpendalFile(client=client, fd=fd)
    yield "reading", state(client, fd)
    for args in ([3], [3, 0], [2, 1], [-2, 2], [100], [0, 2], [-100], [-1, 1], [0, 3], [5, 0], [0.5], ["x"], [1, None]):
        yield f"seek {args}", [ask(client, "file_seek", fd, *args), ask(client, "file_tell", fd)]
    client.call("file_seek", fd, 5)
    yield "rest", [file.read_bytes().decode(), ask(client, "file_tell", fd), file.read_bytes().decode()]
    yield "done", [ask(client, "file_close", fd), *state(client, fd)]
    yield "stat", ask(client, "stat", path)


def run(client, writable):
    """Every step by its name, with its result."""
    if writable:
        for path in ("f.txt", "x/y/g", "ü"):
            client.write_bytes(path, b"hello")
        for path in ("/lead", "a//b", "tr "):
            client.write_bytes(path, b"")
    steps = [*LOOK, *CHANGE, *LOOK, *REMOVE, *LOOK, *ODD]
    for number, call in enumerate(steps):
        yield f"{number} {json.dumps(call)}", ask(client, *call)
    if writable:
        for path in ("file", "n/e/w.bin"):
            for name, result in files(client, path):
                yield f"{path} {name}", result
        yield "scan", ask(client, "scan", "")
        yield "created", ask(client, "get_created_resources")


class Site(http.server.BaseHTTPRequestHandler):
    """A web server with one file."""

    def answer(self, body):
        found = self.path.endswith("/f.txt")
        data = b"hello" if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(data)))
        if found:
            self.send_header("ETag", '"abc"')
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Disposition", "inline")
            self.send_header("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==")
        self.end_headers()
        if body:
            self.wfile.write(data)

    def do_GET(self):
        self.answer(True)

    def do_HEAD(self):
        self.answer(False)

    def log_message(self, *_):
        pass


site = http.server.ThreadingHTTPServer(("127.0.0.1", port), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()
endpoint = f"http://127.0.0.1:{port}"
official = {
    "storage": Opendal(scheme="fs", kwargs={"root": str(folder / "official")}),
    "scratch": Opendal(scheme="memory", kwargs={}),
    "web": Opendal(scheme="http", kwargs={"endpoint": endpoint}),
    "rooted": Opendal(scheme="http", kwargs={"endpoint": endpoint, "root": "/root/x"}),
    "guarded": Opendal(scheme="http", kwargs={"endpoint": endpoint, "username": "me", "password": "pw"}),
}

with connected() as client:
    count, differences = 0, {}
    for name, driver in official.items():
        writable = name in ("storage", "scratch")
        with serve(driver) as theirs:
            expected = dict(run(theirs, writable))
        found = dict(run(getattr(client, name), writable))
        assert list(found) == list(expected)
        count += len(found)
        for step, result in found.items():
            if result != expected[step]:
                differences[f"{name} {step}"] = {"ours": result, "official": expected[step]}
    show({"count": count, "differences": differences})
