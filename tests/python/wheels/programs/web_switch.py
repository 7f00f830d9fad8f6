"""
A power switch with web pages: `/on`, `/off` and `/state` of one socket, and the login and the form
of an EnerGenie strip, whose sockets `/strip` shows.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

STATE = {"on": False, "logged_in": False, "strip": {}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        match self.path:
            case "/state":
                on = STATE["on"]
                self.reply({"meter": {"voltage": 230.5 if on else 0.0, "current": 0.25 if on else 0.0}})
            case "/strip":
                self.reply(STATE["strip"])
            case _:
                self.send_error(404)

    def do_POST(self):
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()))
        match self.path:
            case "/on" | "/off":
                STATE["on"] = self.path == "/on"
            case "/login.html":
                STATE["logged_in"] = form == {"pw": "secret"}
            case "/" if STATE["logged_in"]:
                STATE["strip"].update(form)
            case _:
                self.send_error(403)
                return
        self.reply({})

    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start_web_switch():
    """Returns its port on 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port
