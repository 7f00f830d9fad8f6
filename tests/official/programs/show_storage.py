"""What the commands of a storage would print: its official client declares them, but has none."""

from connect import connected, show

with connected() as client:
    storage = client.storage
    storage.write_bytes("a/b", b"hello")
    show(
        {
            "stat a/b": storage.stat("a/b").model_dump_json(indent=2, by_alias=True),
            "stat a/": storage.stat("a/").model_dump_json(indent=2, by_alias=True),
            "hash a/b": storage.hash("a/b"),
            "hash a/b --algo md5": storage.hash("a/b", "md5"),
            "list a/": "\n".join(storage.list("a/")),
            "scan /": "\n".join(storage.scan("/")),
            "capability": storage.capability().model_dump_json(indent=2),
            "read-bytes a/b": storage.read_bytes("a/b").decode(),
        }
    )
