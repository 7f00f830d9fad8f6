"""Starts programs for a comparison, the official `j` among them, in turn or at once.

A request is a line of JSON: `id`, `argv`, `env`, `cwd`, and where standard input, output and error
are: `input` is a text, `output` and `error` are files, or `terminal` is the path of one for all
three. The answers are lines `{"id": …, "pid": …}` and `{"id": …, "code": …}`.

The official `j` needs seconds to import its modules, so they are imported once here, and a fork
runs its entry point as the script `j` does.
"""

import fcntl
import importlib
import json
import os
import selectors
import signal
import struct
import sys
import termios

import jumpstarter_cli.j

for package in ("composite", "network", "opendal", "power", "pyserial", "shell"):
    importlib.import_module(f"jumpstarter_driver_{package}.client")

running = {}


def main():
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    selector.register(wake, selectors.EVENT_READ)
    rest = b""
    while True:
        for key, _ in selector.select():
            text = os.read(key.fd, 65536)
            if key.fd == wake:
                reap()
            elif not text:
                return
            else:
                *lines, rest = (rest + text).split(b"\n")
                for line in lines:
                    start(json.loads(line))


def start(request):
    pid = os.fork()
    if pid == 0:
        try:
            child(request)
        finally:
            os._exit(70)
    running[pid] = request["id"]
    say(id=request["id"], pid=pid)


def reap():
    for pid in list(running):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            say(id=running.pop(pid), code=code if code >= 0 else 128 - code)


def child(request):
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    if terminal := request.get("terminal"):
        device = os.open(terminal, os.O_RDWR)
        fcntl.ioctl(device, termios.TIOCSCTTY, 0)
        fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        files = [device, device, device]
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        files = [pipe_with(request["input"]), *(os.open(request[to], flags) for to in ("output", "error"))]
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 256)
    os.chdir(request["cwd"])
    argv, env = request["argv"], request["env"]
    if argv[0] != "official-j":
        os.execvpe(argv[0], argv, env)
    os.environ.clear()
    os.environ.update(env)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)
    sys.argv = ["j", *argv[1:]]
    code = 0
    try:
        jumpstarter_cli.j.j()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        # As the interpreter reports what nothing has caught.
        sys.excepthook(*sys.exc_info())
        code = 1
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def pipe_with(text):
    """A pipe that holds the text; it must fit."""
    reader, writer = os.pipe()
    os.write(writer, text.encode())
    os.close(writer)
    return reader


def say(**answer):
    print(json.dumps(answer), flush=True)


main()
