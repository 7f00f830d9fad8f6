"""The devices of the exporter: ptys and servers, until standard input ends."""

import asyncio
import json
import os
import pty
import sys
import tty

import websockets


async def main(folder):
    ports = {
        "echo_pty": open_pty(answer),
        "sink_pty": open_pty(appender(f"{folder}/sink")),
        "tcp": port(await asyncio.start_server(echo, "127.0.0.1", 0)),
        "unix": await unix(f"{folder}/echo.sock"),
        "udp": await udp(),
        "websocket": port(await websockets.serve(echo_messages, "127.0.0.1", 0)),
    }
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def open_pty(received):
    """A pty whose device side is kept open, so that it never hangs up."""
    master, device = pty.openpty()
    tty.setraw(device)
    os.set_blocking(master, False)
    pending = bytearray()
    loop = asyncio.get_running_loop()

    def write():
        written = os.write(master, pending)
        del pending[:written]
        if not pending:
            loop.remove_writer(master)

    def read():
        pending.extend(received(os.read(master, 65536)))
        if pending:
            loop.add_writer(master, write)

    loop.add_reader(master, read)
    return os.ttyname(device)


def answer(data):
    """Answers in another form, so that the echo of a terminal is not mistaken for it."""
    return data.swapcase()


def appender(path):
    def append(data):
        with open(path, "ab") as file:
            file.write(data)
        return b""

    return append


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def echo_messages(connection):
    async for message in connection:
        await connection.send(message)


async def unix(path):
    await asyncio.start_unix_server(echo, path)
    return path


async def udp():
    class Echo(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, address):
            self.transport.sendto(data, address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    return transport.get_extra_info("sockname")[1]


def port(server):
    return next(iter(server.sockets)).getsockname()[1]


asyncio.run(main(sys.argv[1]))
