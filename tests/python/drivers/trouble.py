"""Drivers that misbehave, for tests of hosting."""

import ctypes
import os
import signal
import subprocess
import sys
import time

from jumpstarter.driver import Driver, export
from pydantic.dataclasses import dataclass


@dataclass(kw_only=True)
class Trouble(Driver):
    """Does what a test asks for."""

    daemon: bool = False
    slow_start: float = 0
    slow_close: float = 0
    fail_reset: bool = False
    exit_code: int = 0

    @classmethod
    def client(cls) -> str:
        return "jumpstarter.client.DriverClient"

    def __post_init__(self):
        if hasattr(super(), "__post_init__"):
            super().__post_init__()
        if self.daemon:
            # A daemon of a daemon, in sessions of their own, without any file of this process.
            subprocess.Popen(
                ["sh", "-c", "setsid sh -c 'sleep 1234 & sleep 1235' &"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        time.sleep(self.slow_start)
        if self.exit_code:
            print("about to exit")
            os._exit(self.exit_code)

    def reset(self):
        if self.fail_reset:
            raise RuntimeError("the relay\ndoes not answer")

    def close(self):
        time.sleep(self.slow_close)
        self.logger.warning("closed")

    @export
    def flood(self, megabytes: int) -> str:
        line = b"x" * 99 + b"\n"
        for _ in range(int(megabytes)):
            os.write(2, line * 10_000)
        os.write(2, b"the end\n")
        return "written"

    @export
    def allocate(self, megabytes: int) -> int:
        return len(bytearray(int(megabytes) * 1_000_000))

    @export
    def crash(self) -> None:
        ctypes.string_at(0)

    @export
    def start_and_terminate(self) -> list:
        program = subprocess.Popen(["sleep", "60"])
        fork = os.fork()
        if fork == 0:
            signal.pause()
            os._exit(0)
        program.terminate()
        os.kill(fork, signal.SIGTERM)
        return [program.wait(), os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])]

    @export
    def log(self, count: int) -> None:
        for number in range(int(count)):
            self.logger.info("record %d", number)

    @export
    def facts(self) -> dict:
        descriptors = []
        for descriptor in os.listdir("/proc/self/fd"):
            try:
                descriptors.append(os.readlink(f"/proc/self/fd/{descriptor}"))
            except FileNotFoundError:
                pass  # that of the list itself
        return {
            "session": os.getsid(0) == os.getpid(),
            "stdin": os.readlink("/proc/self/fd/0"),
            "temporary": os.environ["TMPDIR"],
            "descriptors": descriptors,
            "path": [path for path in sys.path if "jmp" in path],
        }


@dataclass(kw_only=True)
class User(Driver):
    """Uses its child `other` while it is made, and when it is called."""

    @classmethod
    def client(cls) -> str:
        return "jumpstarter.client.DriverClient"

    def __post_init__(self):
        if hasattr(super(), "__post_init__"):
            super().__post_init__()
        self.seen = type(self.children["other"]).__name__

    @export
    def what(self) -> list:
        other = self.children["other"]
        return [self.seen, type(other).__name__, str(other.uuid)]

    @export
    def sync_call(self, method: str, *args):
        return getattr(self.children["other"], method)(*args)

    @export
    async def async_call(self, method: str, *args):
        return await getattr(self.children["other"], method)(*args)

    @export
    async def echo(self, text: str) -> str:
        async with self.children["other"].connect() as stream:
            await stream.send(text.encode())
            return (await stream.receive()).decode()

    @export
    def attribute(self, name: str):
        return getattr(self.children["other"], name)
