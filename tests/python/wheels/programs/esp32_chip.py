"""
A simulated ESP32 behind a serial port, as its ROM loader and esptool's stub speak.

Packets are framed by SLIP. A request is 0, operation, length, checksum and data; a response is 1,
operation, length, value and data with status bytes at the end (Espressif, "Serial Protocol").
"""

import hashlib
import struct
import zlib
from enum import IntEnum

END = b"\xc0"
# The magic value of an ESP32, its address 24:0a:c4:01:02:03, and the id of a flash of 4 MB.
REGISTERS = {0x40001000: 0x00F01D83, 0x3FF5A004: 0xC4010203, 0x3FF5A008: 0x240A, 0x3FF42080: 0x164020}
FLASH_SIZE = 4 << 20


class Operation(IntEnum):
    MEMORY_END = 0x06
    SYNC = 0x08
    READ_REGISTER = 0x0A
    DEFLATE_BEGIN = 0x10
    DEFLATE_DATA = 0x11
    FLASH_MD5 = 0x13
    SECURITY_INFO = 0x14


class Chip:
    """Answers bytes with bytes; `flash` is what was written to it."""

    def __init__(self):
        self.flash = bytearray(b"\xff" * FLASH_SIZE)
        self.received = bytearray()
        self.in_stub = False

    def answer(self, data):
        """The responses to the requests that are whole by now."""
        self.received += data
        *packets, rest = bytes(self.received).split(END)
        self.received = bytearray(rest)
        return b"".join(self.respond(unescape(packet)) for packet in packets if packet)

    def respond(self, request):
        operation, body = request[1], request[8:]
        match operation:
            case Operation.SYNC:
                # A loader begins with the ROM, whose value is not 0.
                self.in_stub = False
                return self.response(operation, value=0x20120707) * 8
            case Operation.READ_REGISTER:
                (address,) = struct.unpack_from("<I", body)
                return self.response(operation, value=REGISTERS.get(address, 0))
            case Operation.SECURITY_INFO:
                return self.response(operation, status=b"\x01\x05")
            case Operation.MEMORY_END:
                ended = self.response(operation)
                self.in_stub = True
                return ended + frame(b"OHAI")
            case Operation.DEFLATE_BEGIN:
                *_, self.offset = struct.unpack_from("<IIII", body)
                self.inflater = zlib.decompressobj()
            case Operation.DEFLATE_DATA:
                self.write(self.inflater.decompress(body[16:]))
            case Operation.FLASH_MD5:
                address, size = struct.unpack_from("<II", body)
                digest = hashlib.md5(self.flash[address : address + size]).digest()
                return self.response(operation, data=digest)
        return self.response(operation)

    def response(self, operation, value=0, data=b"", status=b"\0\0"):
        # The ROM has two bytes of status more than the stub.
        tail = data + status + (b"" if self.in_stub else b"\0\0")
        return frame(struct.pack("<BBHI", 1, operation, len(tail), value) + tail)

    def write(self, data):
        self.flash[self.offset : self.offset + len(data)] = data
        self.offset += len(data)


def frame(packet):
    escaped = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return END + escaped + END


def unescape(packet):
    return packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
