"""Images for the fault runs, and the official client that flashes and dumps them.

    flash.py make FILE SIZE           an eighth of noise and of text, the rest zeros
    flash.py noise FILE SIZE          noise alone
    flash.py flash FILE [ENCODING]    as `j storage flash` does
    flash.py round FILE STORE [ENCODING]
                                      flashes FILE to the exporter, which has it in STORE then,
                                      dumps it again, and compares

Prints one line of JSON.
"""

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "official" / "programs"))

from backports import zstd
from connect import connected, show

MIB = 1 << 20
OPEN = {
    "gzip": lambda path, mode: gzip.open(path, mode, **({"compresslevel": 1} if "w" in mode else {})),
    "xz": lambda path, mode: lzma.open(path, mode, **({"preset": 0} if "w" in mode else {})),
    "bz2": lambda path, mode: bz2.open(path, mode, **({"compresslevel": 1} if "w" in mode else {})),
    "zstd": zstd.open,
}


def opened(path, mode, encoding=None):
    return OPEN[encoding](path, mode) if encoding else open(path, mode)


def make(path, size):
    text = b"the quick brown fox jumps over the lazy dog\n" * (MIB // 44 + 1)
    zeros = [lambda: bytes(MIB)] * 3
    fill(path, int(size), [lambda: os.urandom(MIB), *zeros, lambda: text[:MIB], *zeros])


def noise(path, size):
    fill(path, int(size), [lambda: os.urandom(MIB)])


def fill(path, size, kinds):
    with open(path, "wb") as file:
        for index in range(-(-size // MIB)):
            block = kinds[index % len(kinds)]()
            file.write(block[: size - index * MIB])
    show({"ok": True})


def copy(source, target):
    with source, target:
        shutil.copyfileobj(source, target, MIB)


def compress(path, encoding):
    """Writes path.ENCODING and returns its name."""
    name = f"{path}.{encoding}"
    copy(open(path, "rb"), opened(name, "wb", encoding))
    if os.path.getsize(name) == 0:
        # Python's zstd compresses empty input to an invalid file.
        Path(name).write_bytes(zstd.compress(b""))
    return name


def sha256(path, encoding=None):
    digest = hashlib.sha256()
    with opened(path, "rb", encoding) as file:
        while block := file.read(MIB):
            digest.update(block)
    return digest.hexdigest()


def text_of(error):
    """The text of an error, with those of its group."""
    parts = [text_of(part) for part in getattr(error, "exceptions", [])]
    return f"{error!r}" + (f" ({'; '.join(parts)})" if parts else "")


def flash(path, encoding=None):
    # If its connection breaks, the client leaves the block without an error.
    result = {"ok": False, "error": "the connection broke"}
    with connected() as client:
        try:
            client.storage.flash(path, compression=encoding)
        except Exception as error:
            result = {"ok": False, "error": text_of(error)}
        else:
            result = {"ok": True}
    show(result)


def round(path, store, encoding=None):
    sent = compress(path, encoding) if encoding else path
    dumped = f"{path}.dumped"
    with connected() as client:
        client.storage.flash(sent, compression=encoding)
        flashed = sha256(store)
        client.storage.dump(dumped, compression=encoding)
    expected = sha256(path)
    if flashed != expected:
        show({"ok": False, "error": "other bytes were flashed"})
    elif sha256(dumped, encoding) != expected:
        show({"ok": False, "error": "other bytes were dumped"})
    else:
        show({"ok": True})
    for name in {sent, dumped} - {path}:
        os.remove(name)


globals()[sys.argv[1]](*sys.argv[2:])
