"""Sends a message by SOME/IP, and reads and writes data of a unit by UDS over DoIP."""

from connect import connected, show

with connected() as client:
    sender, receiver = client.someip_a, client.someip_b
    receiver.start()
    sender.send_message(0x1234, 0x0021, b"\x01\x02\x03")
    message = receiver.receive_message(timeout=10)
    uds = client.doip
    (value,) = uds.read_data_by_identifier([0xF190])
    written = uds.write_data_by_identifier(0xF190, b"12345678901234567").success
    show(
        {
            "someip": [message.service_id, message.method_id, message.payload],
            "uds": [value.did, value.value, written],
        }
    )
