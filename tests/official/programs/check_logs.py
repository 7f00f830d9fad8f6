"""The log stream: every client reads every line, with its severity and its source."""

import asyncio
from uuid import uuid4

from connect import connected, show
from google.protobuf import empty_pb2

SECONDS = 60


class Listener:
    """One LogStream call of a connection, from now on."""

    def __init__(self, client):
        self.call = client.stub.LogStream(empty_pb2.Empty())

    async def read(self, last):
        """The lines of this test, up to `last`."""
        lines = []
        async for line in self.call:
            if TAG in line.message or line.message.startswith("power o"):
                lines.append((line.severity, line.source, line.message.replace(TAG, "")))
            if line.message == last:
                return lines


async def collect(clients):
    power, faults = clients[0].power, clients[0].faults
    # Each connection of the client has its own event loop; here one is enough.
    listeners = [Listener(client) for client in clients]
    reading = [asyncio.create_task(listener.read(f"last{TAG}")) for listener in listeners]
    await faults.call_async("say", "info", f"first{TAG}")
    await power.call_async("on")
    await power.call_async("off")
    for severity in ("debug", "info", "warning", "error"):
        await faults.call_async("say", severity, f"{severity}{TAG}")
    await faults.call_async("say", "info", f"last{TAG}")
    done = await asyncio.wait_for(asyncio.gather(*reading), SECONDS)
    return [lines[next(i for i, line in enumerate(lines) if line[2] == "first") :] for lines in done]


TAG = f" {uuid4()}"

with connected() as client:
    # The exporter treats two calls on one connection like those of two processes.
    show(client.portal.call(collect, [client, client]))
