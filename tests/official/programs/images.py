"""Images of any size, compressed by the usual libraries in each encoding."""

import bz2
import gzip
import hashlib
import lzma
import os
import random

from backports import zstd

COMPRESS = {"gzip": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "zstd": zstd.compress}
OPEN = {"gzip": gzip.open, "xz": lzma.open, "bz2": bz2.open, "zstd": zstd.open}
BLOCK = 1 << 20


def write_image(path, size, seed=0):
    """Writes noise, zeros and text in turn; returns the check sum."""
    noise = random.Random(seed)
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for index in range(0, size, BLOCK):
            length = min(BLOCK, size - index)
            kind = (index // BLOCK) % 3
            block = noise.randbytes(length) if kind == 0 else (b"\0" if kind == 1 else b"text ") * length
            file.write(block[:length])
            digest.update(block[:length])
    return digest.hexdigest()


def compress(source, target, encoding):
    """Compresses a file as a stream; also an empty file gets a frame."""
    if os.path.getsize(source) == 0:
        with open(target, "wb") as packed:
            packed.write(COMPRESS[encoding](b""))
        return
    with open(source, "rb") as plain, OPEN[encoding](target, "wb") as packed:
        while block := plain.read(BLOCK):
            packed.write(block)


def digest_of(path, encoding=None):
    """The check sum of a file's content, decompressed if necessary."""
    digest = hashlib.sha256()
    with open(path, "rb") if encoding is None else OPEN[encoding](path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def remove(*paths):
    """Makes room for the next image."""
    for path in paths:
        os.remove(path)
