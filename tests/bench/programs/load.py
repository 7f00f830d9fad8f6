"""The load: an official client that runs the requests on standard input and measures them.

One line of JSON asks, one line of JSON answers, so the benchmark can look at the exporter in between.
"""

import asyncio
import json
import os
import platform
import socket
import sys
import time
import traceback
from contextlib import ExitStack
from time import perf_counter

import grpc
from anyio.from_thread import start_blocking_portal
from google.protobuf import empty_pb2
from jumpstarter.client import client_from_path
from jumpstarter.config.client import ClientConfigV1Alpha1
from jumpstarter.streams.encoding import Compression
from jumpstarter_protocol import jumpstarter_pb2_grpc

START_LIMIT = 60
# Warm-up before each measurement, as a part of its time: just-in-time compilers need it.
WARM_UP = 0.5
MICRO = 1e6
MEGA = 1e6


def versions():
    return {"python": platform.python_version(), "grpcio": grpc.__version__}


def await_report(path):
    """Returns when a starting exporter has answered its first call at `path`."""
    deadline = time.monotonic() + START_LIMIT
    while not listens(path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody serves {path}")
        time.sleep(0.005)
    with grpc.insecure_channel(f"unix://{path}") as channel:
        stub = jumpstarter_pb2_grpc.ExporterServiceStub(channel)
        stub.GetReport(empty_pb2.Empty(), timeout=START_LIMIT)
    return {}


def listens(path):
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(path)
        except OSError:
            return False
    return True


class Connection:
    """A client as users have it: over a local socket, or in a lease."""

    def __init__(self, path=None, config=None, lease=None):
        self.stack = ExitStack()
        started = perf_counter()
        self.client = self.local(path) if path else self.leased(config, lease)
        self.seconds = perf_counter() - started

    def local(self, path):
        portal = self.stack.enter_context(start_blocking_portal())
        client = client_from_path(path, portal, self.stack, allow=[], unsafe=True)
        return self.stack.enter_context(portal.wrap_async_context_manager(client))

    def leased(self, config, name):
        lease = ClientConfigV1Alpha1.from_file(config).lease(lease_name=name)
        return self.stack.enter_context(self.stack.enter_context(lease).connect())

    def run(self, scenario, **options):
        return self.client.portal.call(lambda: scenario(self.client, **options))


async def calls(client, seconds, in_flight=1):
    """Unary calls of a method that neither touches a device nor writes a log line."""
    return await repeat(lambda: client.tcp.call_async("address"), seconds, in_flight)


async def streaming_calls(client, seconds):
    async def read():
        readings = [reading async for reading in client.power.streamingcall_async("read")]
        assert len(readings) == 2

    return await repeat(read, seconds)


async def shell_commands(client, seconds):
    async def run():
        results = [result async for result in client.shell.streamingcall_async("call_method", "nothing", {})]
        assert results[-1][2] == 0

    return await repeat(run, seconds)


async def opened_streams(client, seconds):
    async def open_and_close():
        async with client.echo.stream_async("connect"):
            pass

    return await repeat(open_and_close, seconds)


async def round_trips(client, driver, size, seconds):
    data = bytes(size)
    async with client.children[driver].stream_async("connect") as stream:

        async def echo():
            await stream.send(data)
            received = 0
            while received < size:
                received += len(await stream.receive())

        return await repeat(echo, seconds)


async def throughput(client, driver, chunk, seconds, window=None):
    """Sends chunks as fast as the other side accepts them, and counts what comes back.

    `window` bounds the bytes under way, for devices that must be read before they take more.
    """
    async with client.children[driver].stream_async("connect") as stream:
        warm_up = await echo_for(stream, bytes(chunk), seconds * WARM_UP, window)
        started = perf_counter()
        echoed = await echo_for(stream, bytes(chunk), seconds, window)
        elapsed = perf_counter() - started
    return {"mb_per_s": echoed / elapsed / MEGA, "total_mb": (warm_up + echoed) / MEGA}


async def echo_for(stream, data, seconds, window):
    deadline = perf_counter() + seconds
    sent = received = 0
    last = False
    progress = asyncio.Event()

    async def send():
        nonlocal sent, last
        while not last:
            while window and sent - received + len(data) > window:
                progress.clear()
                await progress.wait()
            # Set before the last chunk is sent, so that the reader still waits for it.
            last = perf_counter() >= deadline
            sent += len(data)
            await stream.send(data)

    sender = asyncio.create_task(send())
    while not (last and received == sent):
        received += len(await stream.receive())
        progress.set()
    await sender
    return received


async def repeat(step, seconds, in_flight=1):
    """Repeats `step`, with `in_flight` of them at a time."""
    warm_up = await repeat_for(step, seconds * WARM_UP, in_flight)
    started = perf_counter()
    latencies = sorted(await repeat_for(step, seconds, in_flight))
    elapsed = perf_counter() - started
    return {
        "p50_us": percentile(latencies, 0.5) * MICRO,
        "p99_us": percentile(latencies, 0.99) * MICRO,
        "per_second": len(latencies) / elapsed,
        "total": len(warm_up) + len(latencies),
    }


async def repeat_for(step, seconds, in_flight):
    deadline = perf_counter() + seconds
    latencies = []

    async def worker():
        started = perf_counter()
        while started < deadline:
            await step()
            ended = perf_counter()
            latencies.append(ended - started)
            started = ended

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return latencies


def percentile(ordered, part):
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def stored(client, mb, driver, method, arguments, compression=None):
    """Measures the official library with an image; it blocks, as the library does."""
    options = {"compression": Compression(compression)} if compression else {}
    started = perf_counter()
    getattr(client.children[driver], method)(*arguments, **options)
    return {"mb_per_s": mb / (perf_counter() - started), "total_mb": mb}


SCENARIOS = {
    scenario.__name__: scenario
    for scenario in (calls, streaming_calls, shell_commands, opened_streams, round_trips, throughput)
}


class Load:
    connection = None

    def answer(self, question):
        what, options = question["do"], {key: value for key, value in question.items() if key != "do"}
        match what:
            case "versions":
                return versions()
            case "await_report":
                return await_report(**options)
            case "connect":
                self.connection = Connection(**options)
                return {"seconds": self.connection.seconds}
            case "first_call":
                self.connection.client.tcp.address()
                return {}
            case "disconnect":
                self.connection.stack.close()
                return {}
            case "stored":
                return stored(self.connection.client, **options)
        return self.connection.run(SCENARIOS[what], **options)


def main():
    load = Load()
    # Answers use a descriptor of their own: the library draws progress bars on standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        try:
            answer = load.answer(json.loads(line))
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


main()
