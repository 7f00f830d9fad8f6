"""Drivers that append a line for each call to the file EVENTS."""

import os

from jumpstarter_driver_opendal.driver import MockFlasher, MockStorageMux, MockStorageMuxFlasher
from jumpstarter_driver_power.common import PowerReading
from jumpstarter_driver_power.driver import VirtualPowerInterface

from jumpstarter.driver import Driver, export


def record(*words):
    with open(os.environ["EVENTS"], "a") as file:
        print(*words, file=file)


class Power(VirtualPowerInterface, Driver):
    @export
    async def on(self) -> None:
        record("on")

    @export
    async def off(self, destroy: bool = False) -> None:
        record("off", destroy)

    @export
    async def read(self):
        record("read")
        yield PowerReading(voltage=12.5, current=0.1)
        yield PowerReading(voltage=1e-5, current=3.0)


class Moves:
    @export
    async def host(self):
        record("host")

    @export
    async def dut(self):
        record("dut")

    @export
    async def off(self):
        record("off")

    @export
    async def write(self, src: str):
        record("write")
        await super().write(src)

    @export
    async def read(self, dst: str):
        record("read")
        await super().read(dst)


class Mux(Moves, MockStorageMux):
    pass


class MuxFlasher(Moves, MockStorageMuxFlasher):
    pass


class Flasher(MockFlasher):
    @export
    async def flash(self, source, partition: str | None = None):
        record("flash", partition)
        await super().flash(source, partition)

    @export
    async def dump(self, target, partition: str | None = None):
        record("dump", partition)
        await super().dump(target, partition)


class Failing(Power):
    """Fails as devices do."""

    @export
    async def on(self) -> None:
        raise RuntimeError("the relay does not answer")

    @export
    async def off(self, destroy: bool = False) -> None:
        raise TimeoutError("the relay is slow")
