"""Drivers that serve, hang, flood and are killed, for tests of the whole exporter."""

import asyncio
import os
import subprocess
import time
from contextlib import asynccontextmanager

import anyio
from anyio.streams.stapled import StapledObjectStream
from jumpstarter.driver import Driver, export, exportstream
from pydantic.dataclasses import dataclass

_QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(kw_only=True)
class Faulty(Driver):
    """Does what a test asks for."""

    seconds_to_build: float = 0
    seconds_to_close: float = 0
    daemons: int = 0
    """How many seconds daemons sleep, which tells them from those of other tests."""

    @classmethod
    def client(cls) -> str:
        return "jumpstarter.client.DriverClient"

    def __post_init__(self):
        self.hanging = False
        if hasattr(super(), "__post_init__"):
            super().__post_init__()
        if self.daemons:
            # In sessions of their own; the last one without the environment of this process.
            script = "(setsid sleep $1 &); (setsid env -i sleep $1 &); sleep $1 &"
            subprocess.run(["sh", "-c", script, "sh", str(self.daemons)], check=True, **_QUIET)
        time.sleep(self.seconds_to_build)

    def close(self):
        time.sleep(self.seconds_to_close)

    @export
    def pid(self) -> int:
        return os.getpid()

    @export
    def say(self, text: str) -> None:
        print(text)

    @export
    async def hang(self) -> None:
        self.hanging = True
        await asyncio.sleep(3600)

    @export
    def hangs(self) -> bool:
        return self.hanging

    @export
    async def block(self, seconds: float) -> None:
        print(f"blocks for {seconds} s", flush=True)
        time.sleep(seconds)

    @export
    async def count(self):
        number = 0
        while True:
            yield number
            number += 1
            await asyncio.sleep(0.01)

    @exportstream
    @asynccontextmanager
    async def connect(self):
        send, receive = anyio.create_memory_object_stream[bytes](32)
        async with StapledObjectStream(send, receive) as stream:
            yield stream

    @export
    async def write(self, source) -> int:
        length = 0
        async with self.resource(source) as stream:
            async for chunk in stream:
                length += len(chunk)
        return length

    @export
    async def dump(self, target) -> None:
        async with self.resource(target) as stream:
            while True:
                await stream.send(b"x" * 65_536)

    @export
    def flood(self, megabytes: int) -> None:
        """Writes to both outputs."""
        lines = (b"x" * 99 + b"\n") * 10_000
        for number in range(int(megabytes)):
            os.write(1 + number % 2, lines)

    @export
    def log(self, records: int) -> None:
        for number in range(int(records)):
            self.logger.info("record %d", number)
