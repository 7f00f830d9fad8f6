"""Sends frames from one interface of a virtual bus to another."""

import can
from connect import connected, show

with connected() as client:
    for number in range(3):
        client.can_a.send(can.Message(arbitration_id=0x120 + number, data=[number, 0xFF], is_extended_id=False))
    received = [client.can_b.recv(timeout=10) for _ in range(3)]
    show([[message.arbitration_id, message.data.hex()] for message in received])
