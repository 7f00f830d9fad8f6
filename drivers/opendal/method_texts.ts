/** What the methods of this family do, for documents. @module */
import type { MethodTexts } from "../../src/driver/mod.ts";

/** The methods of a storage, which are those of OpenDAL. */
export const STORAGE_METHODS: MethodTexts = {
  calls: {
    "open(path: string, mode: rb | wb)": "opens a file and returns its descriptor",
    "file_read(fd: uuid, to: handle)": "sends the rest of an open file",
    "file_write(fd: uuid, from: handle)": "writes to an open file",
    "file_seek(fd: uuid, position: integer, whence?: integer)": "moves the position of a file",
    "file_tell(fd: uuid)": "returns the position of a file",
    "file_close(fd: uuid)": "closes a file, which completes what was written",
    "file_closed(fd: uuid)": "tells whether a file is closed",
    "file_readable(fd: uuid)": "tells whether a file is open for reading",
    "file_seekable(fd: uuid)": "tells whether the position of a file can be moved",
    "file_writable(fd: uuid)": "tells whether a file is open for writing",
    "stat(path: string)": "returns the size, kind and other properties of a path",
    "hash(path: string, algorithm?: md5 | sha256)": "returns a file's checksum in hex",
    "exists(path: string)": "tells whether a path exists",
    "copy(source: string, target: string)": "copies a file",
    "rename(source: string, target: string)": "moves a file",
    "remove_all(path: string)": "removes a folder and everything in it",
    "create_dir(path: string)": "creates a folder and those above it",
    "delete(path: string)": "removes a file or an empty folder",
    "presign_stat(path: string, expire: integer)": "returns a request for a file's properties",
    "presign_read(path: string, expire: integer)": "returns a request that reads a file",
    "presign_write(path: string, expire: integer)": "returns a request that writes a file",
    "capability()": "tells which operations the storage has",
    "get_created_resources()": "lists the paths that were created in this lease",
    "register_path(path: string)": "adds a path to those that were created in this lease",
  },
  streams: {
    "list(path: string)": "yields the paths in a folder",
    "scan(path: string)": "yields all paths below a folder",
  },
};

/** The methods of a flasher. */
export const FLASHER_METHODS: MethodTexts = {
  calls: {
    "flash(image: handle, partition?: string)": "writes the client's image",
    "dump(image: handle, partition?: string)": "sends the image to the client",
  },
};

/** The methods of a storage mux. */
export const MUX_METHODS: MethodTexts = {
  calls: {
    "host()": "connects the card to the exporter's host",
    "dut()": "connects the card to the board",
    "off()": "disconnects the card",
    "write(image: handle)": "writes the client's image to the card",
    "read(image: handle)": "sends the content of the card to the client",
  },
};
