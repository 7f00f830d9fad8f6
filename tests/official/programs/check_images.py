"""Images through flashers and muxes: every size in every encoding, both ways, with equal check sums."""

import gc
import sys
from pathlib import Path

from connect import connected, raised, show
from images import COMPRESS, compress, digest_of, remove, write_image
from jumpstarter.streams.encoding import Compression

folder = Path(sys.argv[1])
sizes = [int(size) for size in sys.argv[2].split(",")]

WAYS = {
    "flasher": lambda client: client.flasher,
    "sdcard": lambda client: client.sdcard,
    "core": lambda client: client.core,
}


def told(function):
    """The error that a user sees: the client wraps errors in groups during a transfer."""

    def unwrapped():
        try:
            return function()
        except ExceptionGroup as group:
            error = group
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            raise error from None

    return raised(unwrapped)


def dump(device, path):
    """Dumps into a new file: the core client makes none if there are no bytes."""
    path.write_bytes(b"")
    device.dump(path)


def through(device, name, size):
    """Flashes and dumps one image plain and in each encoding."""
    plain, back = folder / f"{name}.img", folder / f"{name}.back"
    expected = write_image(plain, size, seed=size)
    device.flash(plain)
    dump(device, back)
    assert digest_of(back) == expected, (name, size, "plain")
    packed = folder / f"{name}.packed"
    for encoding in COMPRESS:
        compress(plain, packed, encoding)
        device.flash(packed, compression=Compression(encoding))
        dump(device, back)
        assert digest_of(back) == expected, (name, size, encoding, "flash")
        device.dump(back, compression=Compression(encoding))
        assert digest_of(back, encoding) == expected, (name, size, encoding, "dump")
    remove(plain, back, packed)


def members(device):
    """Files of several members are read completely, as by the usual tools."""
    packed, back = folder / "members.packed", folder / "members.back"
    for encoding, function in COMPRESS.items():
        packed.write_bytes(function(b"one\n") + function(b"") + function(b"two\n"))
        device.flash(packed, compression=Compression(encoding))
        device.dump(back)
        assert back.read_bytes() == b"one\ntwo\n", encoding


def trailing(device):
    """What is behind a whole image is ignored, as by the usual tools."""
    packed, back = folder / "trailing.packed", folder / "trailing.back"
    for encoding, function in COMPRESS.items():
        for tail in (b'{  "metadata_version": "1.1" }\0FWx0\0\0', bytes(600), b"\7" * 300_000):
            packed.write_bytes(function(b"one\n") + tail)
            device.flash(packed, compression=Compression(encoding))
            device.dump(back)
            assert back.read_bytes() == b"one\n", (encoding, tail[:9])


def partitions(device):
    """A flasher keeps an image for each partition."""
    paths = {}
    for name in ("boot", "root"):
        paths[name] = folder / f"{name}.img"
        paths[name].write_bytes(name.encode())
    assert device.flash(paths) == {"boot": None, "root": None}
    for name in paths:
        device.dump(folder / "part.back", target=name)
        assert (folder / "part.back").read_bytes() == name.encode()


def mux(device):
    """A mux by its own methods."""
    image, back = folder / "mux.img", folder / "mux.back"
    expected = write_image(image, 3_000_001)
    device.host()
    device.write_local_file(image)
    device.dut()
    device.read_local_file(back)
    assert digest_of(back) == expected
    device.off()


def broken(device):
    """Failures are reported and do not last; clients do not hang."""
    packed = folder / "broken.packed"
    errors = {}
    for encoding, function in COMPRESS.items():
        packed.write_bytes(function(b"image" * 1_000_000)[:-3])
        errors[encoding] = told(lambda: device.flash(packed, compression=Compression(encoding)))
    packed.write_bytes(b"no archive" * 1_000_000)
    errors["noise"] = told(lambda: device.flash(packed, compression=Compression.XZ))
    errors["nothing"] = told(lambda: device.dump(folder / "none.back", target="never"))
    errors["handle"] = told(lambda: device.call("flash", "file.img", None))
    errors["method"] = told(lambda: device.call("write", "file.img"))
    return errors


with connected() as client:
    ways = [way for way in WAYS if hasattr(client, way)]
    for way in ways:
        for size in sizes:
            through(WAYS[way](client), way, size)
    members(client.flasher)
    trailing(client.flasher)
    partitions(client.flasher)
    mux(client.mux)
    errors = broken(client.flasher)
    through(client.flasher, "after", 100_000)
    # Progress bars of failed transfers print once more when they are collected.
    gc.collect()
    show({"ways": ways, "errors": errors})
