"""The network drivers, through the official adapters and streams."""

import os
import socket
from threading import Thread

from connect import connected, raised, show
from jumpstarter_driver_network.adapters import TcpPortforwardAdapter, UnixPortforwardAdapter

MEBI = 1024 * 1024


def round_trip(connection, data):
    """Writes everything and ends its output, while it reads to the end: the end must pass both ways."""

    def write():
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    writer = Thread(target=write)
    writer.start()
    answer = bytearray()
    while received := connection.recv(65536):
        answer += received
    writer.join()
    assert answer == data, f"sent {len(data)} bytes, found {len(answer)}"


def tcp(network, size):
    with TcpPortforwardAdapter(client=network) as address:
        with socket.create_connection(address, timeout=60) as connection:
            round_trip(connection, os.urandom(size))


def unix(network, size):
    with UnixPortforwardAdapter(client=network) as path:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(path))
            round_trip(connection, os.urandom(size))


def messages(network):
    """Each message comes back unchanged: neither joined with another nor cut."""
    sizes = [1, 100, 1000, 9000]
    with network.stream() as stream:
        for size in sizes:
            stream.send(bytes([size % 256]) * size)
        assert [len(stream.receive()) for _ in sizes] == sizes


with connected() as client:
    tcp(client.tcp, 8 * MEBI)
    tcp(client.tcp, 0)
    unix(client.unix, MEBI)
    for network in (client.udp, client.echo, client.websocket):
        messages(network)
    show(
        {
            "addresses": [client.tcp.address(), client.udp.address(), client.websocket.address()],
            "hidden": raised(client.hidden.address),
            "none": raised(client.unix.address),
        }
    )
