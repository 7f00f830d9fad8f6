"""Many calls and many streams at the same time."""

import asyncio

from connect import connected, show

ROUNDS = 20
CALLS = 32
STREAMS = 16


async def calls(faults):
    for number in range(ROUNDS):
        expected = [number * CALLS + index for index in range(CALLS)]
        answers = await asyncio.gather(*(faults.call_async("echo", value) for value in expected))
        assert answers == expected


async def streams(echo):
    everyone_is_open = asyncio.Barrier(STREAMS)

    async def one(number):
        async with echo.stream_async("connect") as stream:
            await everyone_is_open.wait()
            for round in range(10):
                text = f"{number}.{round}".encode()
                await stream.send(text)
                assert await stream.receive() == text

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(number) for number in range(STREAMS)))


async def readings(power):
    async def one():
        return [reading async for reading in power.streamingcall_async("read")]

    results = await asyncio.gather(*(one() for _ in range(CALLS)))
    assert all(result == results[0] for result in results)


with connected() as client:
    client.portal.call(calls, client.faults)
    client.portal.call(streams, client.echo)
    client.portal.call(readings, client.power)
    show("done")
