"""The published interface of the official package: descriptors in protobuf's JSON."""

import json

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.json_format import MessageToDict
from jumpstarter_protocol import client_pb2, jumpstarter_pb2, kubernetes_pb2, router_pb2
from jumpstarter_protocol.jumpstarter.v1 import common_pb2


def describe(module):
    file = FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(file)
    return MessageToDict(file)


modules = (client_pb2, common_pb2, jumpstarter_pb2, kubernetes_pb2, router_pb2)
print(json.dumps({"file": [describe(module) for module in modules]}))
