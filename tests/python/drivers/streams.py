"""Drivers whose byte streams fail, for tests of what their users are told."""

from contextlib import asynccontextmanager

from anyio import create_memory_object_stream
from anyio.streams.stapled import StapledObjectStream
from jumpstarter.driver import Driver, exportstream
from pydantic.dataclasses import dataclass


class _Burning(StapledObjectStream):
    async def receive(self):
        raise OSError(5, "the board burns")


@dataclass(kw_only=True)
class Failing(Driver):
    """Fails to open, or as soon as it is read."""

    opens: bool = True

    @classmethod
    def client(cls) -> str:
        return "jumpstarter_driver_network.client.NetworkClient"

    @exportstream
    @asynccontextmanager
    async def connect(self):
        if not self.opens:
            raise ValueError("no board in slot 3")
        send, receive = create_memory_object_stream[bytes](1)
        yield _Burning(send, receive)
