"""Images that the exporter itself uploads to S3, and downloads from there."""

import sys
import urllib.request
from pathlib import Path

from connect import connected, show
from images import digest_of, write_image

folder, bucket, length = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
image, back = folder / "s3.img", folder / "s3.back"
expected = write_image(image, length)


def presigned(name, method):
    url = f"{bucket}/{name}?X-Amz-Signature=abc&X-Amz-SignedHeaders=host"
    return {"kind": "presigned_request", "url": url, "method": method, "headers": {}}


def size_of(name):
    with urllib.request.urlopen(f"{bucket}/{name}") as answer:
        return len(answer.read())


with connected() as client:
    client.flasher.flash(image)
    client.flasher.call("dump", presigned("flasher", "PUT"), None)
    client.sdcard.flash(image)
    client.sdcard.call("read", presigned("sdcard", "PUT"))
    client.storage.write_from_path("s3.img", image)
    file = client.storage.open("s3.img", "rb")
    client.storage.call("file_read", file.fd, presigned("storage", "PUT"))
    client.storage.call("file_read", file.fd, presigned("at-its-end", "PUT"))
    file.close()
    client.flasher.call("flash", presigned("storage", "GET"), None)
    client.flasher.dump(back)
    names = ["flasher", "sdcard", "storage", "at-its-end"]
    show({"sizes": [size_of(name) for name in names], "same": digest_of(back) == expected})
