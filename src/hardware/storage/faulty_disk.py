"""A file system in user space with one file, `disk`, whose faults are commanded on stdin.

Usage: faulty_disk.py FOLDER SIZE. Says `ready` when it is mounted; each command is
answered with `ok`:

    write ERRNO FROM     writes that end behind FROM fail
    read ERRNO FROM      reads that end behind FROM fail
    fsync ERRNO          flushes fail
    fsync-delay SECONDS  flushes take that long
    stall FROM           writes that end behind FROM are not answered until `clear`
    corrupt FROM         the byte at FROM is stored wrongly
    clear                no more faults

It speaks the kernel's FUSE protocol by itself, version 7.31 (linux/fuse.h).
"""

import ctypes
import errno
import os
import struct
import sys
import tempfile
import threading
import time

LOOKUP, FORGET, GETATTR, SETATTR, OPEN, READ, WRITE = 1, 2, 3, 4, 14, 15, 16
STATFS, RELEASE, FSYNC, FLUSH, INIT, INTERRUPT, BATCH_FORGET = 17, 18, 20, 25, 26, 36, 42
ROOT, DISK = 1, 2
FOPEN_DIRECT_IO = 1
MAX_WRITE = 1 << 20
MAX_PAGES = 1 << 22

folder, size = sys.argv[1], int(sys.argv[2])
store = tempfile.TemporaryFile()
store.truncate(size)
device = os.open("/dev/fuse", os.O_RDWR)
faults = {}
stalled = []


def mount():
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    if libc.mount(b"faulty_disk", folder.encode(), b"fuse", 0, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"cannot mount on {folder}")


def attributes(node):
    now = int(time.time())
    length, mode = (size, 0o100644) if node == DISK else (0, 0o40755)
    times = [now, now, now]
    return struct.pack("<6Q10I", node, length, length // 512, *times, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def answer(unique, body=b"", error=0):
    try:
        os.write(device, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)
    except OSError:
        pass  # The call was interrupted, or the file system unmounted.


def failure(kind, end):
    name, start = faults.get(kind, (None, 0))
    return getattr(errno, name) if name and end > start else 0


def write(unique, body):
    _, offset, length = struct.unpack_from("<QQI", body)
    data = bytearray(body[40 : 40 + length])
    end = offset + length
    if "stall" in faults and end > faults["stall"]:
        stalled.append((unique, body))
        return
    error = failure("write", end)
    if error:
        answer(unique, error=error)
        return
    wrong = faults.get("corrupt", -1)
    if offset <= wrong < end:
        data[wrong - offset] ^= 1
    os.pwrite(store.fileno(), data, offset)
    answer(unique, struct.pack("<II", length, 0))


def read(unique, body):
    _, offset, length = struct.unpack_from("<QQI", body)
    length = max(0, min(length, size - offset))
    error = failure("read", offset + length)
    answer(unique, b"" if error else os.pread(store.fileno(), length, offset), error)


def fsync(unique):
    error = failure("fsync", 1)
    delay = faults.get("fsync-delay", 0)
    if delay:
        threading.Timer(delay, answer, (unique, b"", error)).start()
    else:
        answer(unique, error=error)


def handle(opcode, unique, node, body):
    if opcode == INIT:
        readahead = struct.unpack_from("<I", body, 8)[0]
        answer(unique, struct.pack("<4I2H2I2H8I", 7, 31, readahead, MAX_PAGES, 16, 12, MAX_WRITE, 1, 256, 0, *[0] * 8))
    elif opcode == LOOKUP and body == b"disk\0":
        answer(unique, struct.pack("<4Q2I", DISK, 0, 0, 0, 0, 0) + attributes(DISK))
    elif opcode == LOOKUP:
        answer(unique, error=errno.ENOENT)
    elif opcode in (GETATTR, SETATTR):
        answer(unique, struct.pack("<QII", 0, 0, 0) + attributes(node))
    elif opcode == OPEN:
        answer(unique, struct.pack("<QII", 1, FOPEN_DIRECT_IO, 0))
    elif opcode == READ:
        read(unique, body)
    elif opcode == WRITE:
        write(unique, body)
    elif opcode == FSYNC:
        fsync(unique)
    elif opcode == STATFS:
        answer(unique, struct.pack("<5Q4I6I", size // 4096, 0, 0, 2, 0, 4096, 255, 4096, 0, *[0] * 6))
    elif opcode in (FLUSH, RELEASE):
        answer(unique)
    elif opcode not in (FORGET, BATCH_FORGET, INTERRUPT):
        answer(unique, error=errno.ENOSYS)


def command(words):
    kind, values = words[0], words[1:]
    if kind == "clear":
        faults.clear()
        waiting, stalled[:] = stalled[:], []
        for unique, body in waiting:
            write(unique, body)
    elif kind in ("write", "read", "fsync"):
        faults[kind] = (values[0], int(values[1]) if len(values) > 1 else 0)
    elif kind == "fsync-delay":
        faults[kind] = float(values[0])
    else:
        faults[kind] = int(values[0])


def obey():
    for line in sys.stdin:
        command(line.split())
        print("ok", flush=True)
    os._exit(0)


def serve():
    while True:
        try:
            request = os.read(device, MAX_WRITE + 4096)
        except OSError as error:
            if error.errno == errno.ENODEV:
                return  # Unmounted.
            continue
        _, opcode, unique, node = struct.unpack_from("<IIQQ", request)
        handle(opcode, unique, node, request[40:])


mount()
threading.Thread(target=obey, daemon=True).start()
print("ready", flush=True)
serve()
os._exit(0)
