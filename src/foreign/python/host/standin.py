"""Stand-ins: drivers of the exporter itself, as seen by a Python driver that has them as children."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import grpc
from jumpstarter.common.serde import decode_value, encode_value
from jumpstarter.common.streams import DriverStreamRequest, StreamRequestMetadata
from jumpstarter.driver import Driver
from jumpstarter.streams.router import RouterStream
from jumpstarter_protocol import jumpstarter_pb2, jumpstarter_pb2_grpc, router_pb2_grpc

# What official clients raise for a code is what a Python driver would raise in its place.
_ERRORS = {
    grpc.StatusCode.NOT_FOUND: NotImplementedError,
    grpc.StatusCode.UNIMPLEMENTED: NotImplementedError,
    grpc.StatusCode.INVALID_ARGUMENT: ValueError,
    grpc.StatusCode.DEADLINE_EXCEEDED: TimeoutError,
}


class Link:
    """The connection to the exporter, opened by the first call."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.loop = asyncio.get_running_loop()
        self._channel: grpc.aio.Channel | None = None

    def channel(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(f"unix:{self._path}")
        return self._channel


class StandIn(Driver):
    """A driver of the exporter: its config as attributes, its calls as methods, and `connect()`.

    A method called on the event loop returns an awaitable; in any other thread it returns the result.
    """

    @classmethod
    def client(cls) -> str:
        return "jumpstarter.client.DriverClient"

    def bind(self, link: Link, config: dict[str, Any], client: str | None) -> StandIn:
        self._link, self._config, self._client = link, config, client
        return self

    def report(self, *, parent=None, name=None):
        """The report with the client class of the exporter's driver."""
        report = super().report(parent=parent, name=name)
        if self._client:
            report.labels["jumpstarter.dev/client"] = self._client
        return report

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._config:
            return self._config[name]
        return partial(self._call, name)

    def _call(self, method: str, *args: Any) -> Any:
        answer = self._call_async(method, args)
        try:
            if asyncio.get_running_loop() is self._link.loop:
                return answer
        except RuntimeError:
            pass  # a thread without an event loop
        return asyncio.run_coroutine_threadsafe(answer, self._link.loop).result()

    async def _call_async(self, method: str, args: tuple[Any, ...]) -> Any:
        stub = jumpstarter_pb2_grpc.ExporterServiceStub(self._link.channel())
        request = jumpstarter_pb2.DriverCallRequest(
            uuid=str(self.uuid), method=method, args=[encode_value(arg) for arg in args]
        )
        try:
            return decode_value((await stub.DriverCall(request)).result)
        except grpc.aio.AioRpcError as error:
            raise _ERRORS.get(error.code(), RuntimeError)(error.details()) from None

    @asynccontextmanager
    async def connect(self):
        """A byte stream of the driver."""
        stub = router_pb2_grpc.RouterServiceStub(self._link.channel())
        request = DriverStreamRequest(uuid=self.uuid, method="connect")
        metadata = StreamRequestMetadata.model_construct(request=request)
        call = stub.Stream(metadata=metadata.model_dump(mode="json", round_trip=True).items())
        await call.initial_metadata()
        async with RouterStream(context=call) as stream:
            yield stream
