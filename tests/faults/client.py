"""An official client that takes leases and tries them on command.

Reads one JSON object a line and answers each with one. Each try connects again, as
every `j` inside of a `jmp shell` does.
"""

import json
import sys
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import timedelta

import anyio
import anyio.lowlevel
from anyio.from_thread import BlockingPortal
from jumpstarter.config.client import ClientConfigV1Alpha1


class Client:
    def __init__(self, config, exporter, portal, tasks):
        self.config = config
        self.exporter = exporter
        self.portal = portal
        self.tasks = tasks
        self.held = AsyncExitStack()

    async def do_lease(self, _request):
        duration = timedelta(minutes=30)
        opened = self.config.lease_async(None, self.exporter, None, duration, self.portal)
        self.held = AsyncExitStack()
        self.lease = await self.held.enter_async_context(opened)
        return {"name": self.lease.name}

    async def do_release(self, _request):
        await self.held.aclose()
        return {}

    async def do_probe(self, _request):
        async with self.connected() as client:
            await client.children["power"].call_async("on")
            async with client.children["echo"].stream_async("connect") as stream:
                await stream.send(b"anybody there?")
                received = b""
                while len(received) < 14:
                    received += await stream.receive()
        return {}

    async def do_hold(self, _request):
        """Answers when it is connected; the connection is idle until it is used."""
        self.dropped = anyio.Event()
        self.held_client = await self.tasks.start(self.hold)
        return {}

    async def do_use(self, _request):
        try:
            await self.held_client.children["power"].call_async("on")
        except anyio.get_cancelled_exc_class():
            # Raised again where it is ours; the library raises it when it closes the connection.
            await anyio.lowlevel.checkpoint()
            raise ConnectionError("the connection was closed") from None
        return {}

    async def do_drop(self, _request):
        self.dropped.set()
        return {}

    async def do_transfer(self, _request):
        """Answers when the first bytes have come back; the transfer continues."""
        self.scope = anyio.CancelScope()
        self.over = anyio.Event()
        started = anyio.Event()
        self.tasks.start_soon(self.transfer, started)
        await started.wait()
        return {}

    async def do_stop(self, _request):
        """Ends the transfer, which may hang or have broken."""
        self.scope.cancel()
        await self.over.wait()
        return {}

    async def hold(self, *, task_status):
        try:
            async with self.connected() as client:
                task_status.started(client)
                await self.dropped.wait()
        except Exception as error:
            print(f"hold: {error!r}", file=sys.stderr, flush=True)

    async def transfer(self, started):
        try:
            with self.scope:
                async with self.connected() as client:
                    async with client.children["echo"].stream_async("connect") as stream:
                        while True:
                            await stream.send(bytes(64 * 1024))
                            await stream.receive()
                            started.set()
        except Exception as error:
            print(f"transfer: {error!r}", file=sys.stderr, flush=True)
        finally:
            started.set()
            self.over.set()

    @asynccontextmanager
    async def connected(self):
        with ExitStack() as stack:
            async with self.lease.connect_async(stack) as client:
                yield client

    async def answer(self, line):
        request = json.loads(line)
        try:
            with anyio.fail_after(request["within"]):
                result = await getattr(self, "do_" + request["do"])(request)
            return {"ok": True, **result}
        except BaseException as error:
            print(f"{request['do']}: {error!r}", file=sys.stderr, flush=True)
            if not isinstance(error, Exception) and not isinstance(error, BaseExceptionGroup):
                raise
            return {"ok": False, "error": repr(error)}


async def main(config, exporter):
    async with BlockingPortal() as portal, anyio.create_task_group() as tasks:
        client = Client(ClientConfigV1Alpha1.from_file(config), exporter, portal, tasks)
        print(json.dumps({"ok": True}), flush=True)
        while line := await anyio.to_thread.run_sync(sys.stdin.readline):
            print(json.dumps(await client.answer(line)), flush=True)
        tasks.cancel_scope.cancel()


anyio.run(main, *sys.argv[1:])
