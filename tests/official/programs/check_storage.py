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


with connected() as client:
    use(client.storage, copies=True)
    use(client.scratch, copies=False)
    show("done")
