"""Which connections the gRPC library sends through a proxy: [[environment, target, options], ...].

Prints for each [authority of CONNECT or null, value of Proxy-Authorization or null].
"""

import json
import os
import socket
import sys
import threading

import grpc

listener = socket.create_server(("127.0.0.1", 0))
proxy = "127.0.0.1:%d" % listener.getsockname()[1]
asked: list[str] = []


def refuse():
    while True:
        conn, _ = listener.accept()
        head = b""
        while b"\r\n\r\n" not in head and (more := conn.recv(4096)):
            head += more
        asked.append(head.decode())
        conn.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        conn.close()


def way(env, target, options):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update({name: value.replace("PROXY", proxy) for name, value in env.items()})
    asked.clear()
    arguments = [(name, value.replace("PROXY", proxy) if isinstance(value, str) else value)
                 for name, value in options.items()]
    with grpc.insecure_channel(target, [*arguments, ("grpc.use_local_subchannel_pool", 1)]) as channel:
        try:
            channel.unary_unary("/a/b")(b"", timeout=30)
        except grpc.RpcError:
            pass
    if not asked:
        return [None, None]
    request, *headers = asked[0].strip().split("\r\n")
    given = [line.split(": ", 1)[1] for line in headers if line.lower().startswith("proxy-auth")]
    return [request.split(" ")[1], given[0] if given else None]


threading.Thread(target=refuse, daemon=True).start()
print(json.dumps([way(*case) for case in json.loads(sys.argv[1])]))
