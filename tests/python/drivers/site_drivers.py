"""A site's own drivers, as the documentation shows them, for tests of hosting."""

import os
from collections.abc import AsyncGenerator
from typing import Any

from jumpstarter.driver import Driver, export, exportstream
from pydantic.dataclasses import dataclass


@dataclass(kw_only=True)
class Plain(Driver):
    """Gives back what it gets."""

    url: str = "plain://"

    @classmethod
    def client(cls) -> str:
        return "jumpstarter.client.DriverClient"

    @export
    def pid(self) -> int:
        return os.getpid()

    @export
    def give(self, value: Any) -> Any:
        return value

    @export
    def say(self, text: str) -> None:
        self.logger.warning(text)

    @export
    def fail(self, kind: str) -> None:
        raise {"value": ValueError, "time": TimeoutError, "none": NotImplementedError}.get(kind, OSError)("no way")

    @export
    async def count(self, until: int) -> AsyncGenerator[int, None]:
        for number in range(int(until)):
            yield number


@dataclass(kw_only=True)
class Maker(Plain):
    """Makes a child itself."""

    def __post_init__(self):
        super().__post_init__()
        self.children["made"] = Plain(url="made://")


@dataclass(kw_only=True)
class User(Plain):
    """Uses its children as Python objects."""

    @export
    def press(self, name: str) -> Any:
        return self.children[name].on()

    @export
    def url_of(self, name: str) -> str:
        return self.children[name].url

    @export
    async def echo(self, name: str, text: str) -> str:
        async with self.children[name].connect() as stream:
            await stream.send(text.encode())
            return (await stream.receive()).decode()


@dataclass(kw_only=True)
class Broken(Plain):
    """Cannot be built."""

    def __post_init__(self):
        super().__post_init__()
        raise RuntimeError("the device is\nnot plugged in")
