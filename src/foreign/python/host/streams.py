"""Tells why byte streams of drivers end early: the official session drops what breaks one."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream
from anyio.abc import ObjectStream
from grpc import StatusCode
from grpc.aio import AbortError
from jumpstarter.exporter import Session

_REGULAR = (EndOfStream, ClosedResourceError)

# Whether this task has logged the error that `copy_stream` logs next, without its reason.
_told: ContextVar[bool] = ContextVar("told", default=False)

logging.getLogger("jumpstarter.streams.common").addFilter(lambda record: not _told.get())


class HostedSession(Session):
    """A session whose streams fail with the driver's own words, as its calls do."""

    async def Stream(self, requests: Any, context: Any) -> None:
        driver = _Watched(self)
        try:
            await Session.Stream(driver, requests, context)  # type: ignore[arg-type]
        except Exception as error:
            if driver.opened or isinstance(error, AbortError):
                raise
            # gRPC would log it, and put the name of the class before the text.
            await context.abort(StatusCode.UNKNOWN, _text(error))


class _Watched:
    """The session for one stream, and the driver that it looks up."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._driver: Any = None
        self.opened = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def __getitem__(self, uuid: Any) -> _Watched:
        self._driver = self._session[uuid]
        return self

    @asynccontextmanager
    async def Stream(self, request: Any, context: Any) -> Any:
        async with self._driver.Stream(request, context) as stream:
            self.opened = True
            method = getattr(request, "method", None)
            yield stream if method is None else _WatchedStream(stream, method, self._driver)


class _WatchedStream(ObjectStream[Any]):
    """Logs the first error of a stream, unless the client has left before."""

    def __init__(self, stream: Any, method: str, driver: Any) -> None:
        self._stream = stream
        self._name = f"{driver.logger.name.removeprefix('driver.')}.{method}"
        self._logger = driver.logger
        self._over = False

    @property
    def extra_attributes(self) -> Any:
        return self._stream.extra_attributes

    async def receive(self) -> Any:
        return await self._watch(self._stream.receive())

    async def send(self, item: Any) -> None:
        await self._watch(self._stream.send(item))

    async def send_eof(self) -> None:
        self._over = True
        await self._stream.send_eof()

    async def aclose(self) -> None:
        self._over = True
        await self._stream.aclose()

    async def _watch(self, step: Any) -> Any:
        try:
            return await step
        except _REGULAR:
            raise
        except Exception as error:
            if not self._over:
                self._logger.warning("%s failed: %s", self._name, _text(error))
            self._over = True
            _told.set(True)
            raise


def _leaf(error: BaseException) -> BaseException:
    """The first error of a group of them."""
    inner = getattr(error, "exceptions", None)
    return _leaf(inner[0]) if inner else error


def _text(error: BaseException) -> str:
    """What an error says, and its cause; the class of one that says nothing."""
    error = _leaf(error)
    texts = [str(error).strip()]
    if error.__cause__ is not None:
        texts.append(str(_leaf(error.__cause__)).strip())
    said = [text for text in texts if text]
    if not said and isinstance(error, BrokenResourceError):
        return "the connection to the device broke"
    return ": ".join(dict.fromkeys(said)) or type(error).__name__
