"""Runs commands and measures them; each line of standard input is a request in JSON.

`run` starts a command and waits for its end. `type` starts one on a terminal, waits for what it
says first, and types single keys, each of which must be echoed before the next one.
"""

import fcntl
import json
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time

BOUND_S = 60


def run(argv, env):
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.execvpe(argv[0], argv, env)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"it ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * 1024 / 1e6,
    }


def type(argv, env, banner, seconds, leave):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, env)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    until(terminal, banner.encode())
    while termios.tcgetattr(terminal)[3] & termios.ICANON:
        time.sleep(0.01)
    # The first key waits for the stream to be opened.
    press(terminal)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        times.append(press(terminal))
    os.write(terminal, leave.encode())
    os.waitpid(pid, 0)
    os.close(terminal)
    return {"p50_ms": statistics.median(times) * 1e3}


def press(terminal):
    began = time.perf_counter()
    os.write(terminal, b"k")
    until(terminal, b"k")
    return time.perf_counter() - began


def until(terminal, text):
    found = b""
    while text not in found:
        readable, _, _ = select.select([terminal], [], [], BOUND_S)
        if not readable:
            raise TimeoutError(f"expected {text}, found {found}")
        found += os.read(terminal, 4096)


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"run": run, "type": type}[request.pop("do")](**request)
    except Exception as error:
        answer = {"error": f"{error}"}
    print(json.dumps(answer), flush=True)
