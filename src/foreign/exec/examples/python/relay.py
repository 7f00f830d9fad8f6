"""A relay with a console, as a program that jmp starts: no package of Jumpstarter is needed.

    pip install -r requirements.txt
    python -m grpc_tools.protoc -I PROTO --python_out=. --grpc_python_out=. PROTO/jumpstarter/v1/*.proto

where PROTO is the folder proto/ of jmp. Then, in the config of an exporter:

    export:
      relay: {type: exec, command: python3 /opt/relay/relay.py, config: {volts: 12}}
"""
import json, os, signal, sys, threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Value
from jumpstarter.v1 import jumpstarter_pb2 as pb, jumpstarter_pb2_grpc as exporter
from jumpstarter.v1 import router_pb2 as frames, router_pb2_grpc as router

ROOT, POWER, CONSOLE = os.environ["JMP_DRIVER_UUID"], "power", "console"
COMPOSITE = "jumpstarter_driver_composite.client.CompositeClient"


def row(uuid, client, name=None, **texts):
    labels = {"jumpstarter.dev/client": client} | ({"jumpstarter.dev/name": name} if name else {})
    return pb.DriverInstanceReport(uuid=uuid, parent_uuid=ROOT if name else None, labels=labels, **texts)


class Relay(exporter.ExporterServiceServicer, router.RouterServiceServicer):
    def __init__(self, config):
        self.volts = config.get("volts", 5)
        self.closed = False

    def GetReport(self, request, context):
        return pb.GetReportResponse(reports=[
            row(ROOT, COMPOSITE, description="A relay and its console"),
            row(POWER, "jumpstarter_driver_power.client.PowerClient", "power"),
            row(CONSOLE, "jumpstarter_driver_network.client.NetworkClient", "console"),
        ])

    def DriverCall(self, request, context):
        if (request.uuid, request.method) not in ((POWER, "on"), (POWER, "off")):
            context.abort(grpc.StatusCode.NOT_FOUND, f"the relay has no method '{request.method}'")
        self.closed = request.method == "on"
        print("the relay is", "closed" if self.closed else "open")  # goes to the exporter's log
        return pb.DriverCallResponse(result=Value(null_value=0))

    def StreamingDriverCall(self, request, context):
        if (request.uuid, request.method) != (POWER, "read"):
            context.abort(grpc.StatusCode.NOT_FOUND, f"the relay has no stream '{request.method}'")
        for _ in range(3):
            reading = {"voltage": self.volts if self.closed else 0, "current": float(self.closed)}
            yield pb.StreamingDriverCallResponse(result=ParseDict(reading, Value()))

    def Stream(self, requests, context):
        """Bytes in frames; this console is an echo. A frame GOAWAY ends one direction."""
        wanted = json.loads(dict(context.invocation_metadata())["request"])
        if (wanted.get("uuid"), wanted.get("method")) != (CONSOLE, "connect"):
            context.abort(grpc.StatusCode.NOT_FOUND, "the relay has no such byte stream")
        context.send_initial_metadata(())  # the client sends nothing before it has this
        for frame in requests:
            if frame.frame_type == frames.FRAME_TYPE_GOAWAY:
                break
            if frame.frame_type == frames.FRAME_TYPE_DATA:
                yield frames.StreamResponse(payload=frame.payload)
        yield frames.StreamResponse(frame_type=frames.FRAME_TYPE_GOAWAY)


def watch_parent(pid, stop):
    while not stop.wait(0.25):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            stop.set()


def main():
    sys.stdout.reconfigure(line_buffering=True)
    (entry,) = json.load(sys.stdin)["export"].values()  # jmp writes YAML that is JSON as well
    relay, stop = Relay(entry.get("config") or {}), threading.Event()
    server = grpc.server(ThreadPoolExecutor(32))
    exporter.add_ExporterServiceServicer_to_server(relay, server)
    router.add_RouterServiceServicer_to_server(relay, server)
    server.add_insecure_port("unix:" + os.environ["JMP_DRIVER_SOCKET"])
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=watch_parent, args=(int(os.environ["JMP_PARENT_PID"]), stop)).start()
    stop.wait()
    server.stop(grace=1).wait()
    print("the relay is released")


main()
