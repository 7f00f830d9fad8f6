"""A storage by the library calls of its official client."""

import sys
from contextlib import closing
from pathlib import Path

from connect import connected, show
from images import digest_of, write_image

folder = Path(sys.argv[1])


def use(storage, copies):
    source, back = folder / "storage.img", folder / "storage.back"
    for size in (0, 1, 65_536, 4_000_037):
        expected = write_image(source, size)
        storage.write_from_path("images/disk.img", source)
        storage.read_into_path("images/disk.img", back)
        assert digest_of(back) == storage.hash("images/disk.img") == expected
        storage.write_bytes("bytes", source.read_bytes())
        assert storage.read_bytes("bytes") == source.read_bytes()
        stat = storage.stat("bytes")
        assert stat.content_length == size and stat.mode.is_file() and not stat.mode.is_dir()
    assert storage.hash("bytes", "md5") != storage.hash("bytes")
    storage.create_dir("a/b/")
    assert storage.exists("a/b/") and not storage.exists("a/c")
    assert "a/" in list(storage.list("")) and "a/b/" in list(storage.scan("a/"))
    if copies:
        storage.copy("bytes", "copy")
        storage.rename("copy", "renamed")
        assert storage.exists("renamed") and not storage.exists("copy")
    with closing(storage.open("bytes", "rb")) as file:
        assert file.readable() and file.seekable() and not file.writable()
        assert file.seek(-10, 2) == 4_000_027 and file.tell() == 4_000_027
        assert len(file.read_bytes()) == 10
    assert file.closed
    assert storage.capability().copy is copies
    assert "bytes" in storage.get_created_resources()
    storage.delete("bytes")
    storage.remove_all("images/")
    storage.remove_all("")
    assert not storage.exists("bytes") and not storage.exists("images/disk.img")


def leave_holes(storage):
    """Zeros of an image take no room on the exporter's disk, and zeros over old content are written."""
    image, kept = folder / "zeros.img", folder / "storage" / "zeros.img"
    image.write_bytes(bytes(8 << 20) + b"content" + bytes(8 << 20))
    kept.write_bytes(b"old" * (8 << 20))
    storage.write_from_path("zeros.img", image)
    assert kept.read_bytes() == image.read_bytes()
    assert kept.stat().st_blocks * 512 < 1 << 20
    storage.delete("zeros.img")


with connected() as client:
    use(client.storage, copies=True)
    leave_holes(client.storage)
    use(client.scratch, copies=False)
    show("done")
