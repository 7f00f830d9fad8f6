"""A streaming call whose reader is cancelled ends in the driver, too."""

import asyncio
import time

from connect import connected, show

SECONDS = 60


async def read_some(faults):
    heard = asyncio.Event()

    async def read():
        async for tick in faults.streamingcall_async("ticks"):
            if tick == 3:
                heard.set()

    reader = asyncio.create_task(read())
    await asyncio.wait_for(heard.wait(), SECONDS)
    reader.cancel()
    await asyncio.wait([reader])


with connected() as client:
    faults = client.faults
    before = faults.call("ended")
    client.portal.call(read_some, faults)
    deadline = time.monotonic() + SECONDS
    while faults.call("ended") == before:
        assert time.monotonic() < deadline, "the driver still ticks"
    show(faults.call("ended") - before)
