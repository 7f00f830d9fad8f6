/** Helpers for the tests of this family: an open driver, and a client's images. @module */
import { duplexPair } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { DriverManifest } from "../../src/driver/mod.ts";
import { ClientStreams } from "../../src/tree/client_streams.ts";
import { callContext, openDriver } from "../../src/tree/testing.ts";
import "../../src/libc/testing.ts";
import { toValue, type Value } from "../../src/wire/value.ts";

/** An open driver; disposing it ends the lease. */
export interface Opened extends AsyncDisposable {
  readonly logged: string[];
  call(method: string, ...args: Value[]): Promise<Value>;
  /** Calls as a client whose connection ends when `connection` is aborted. */
  callBy(connection: AbortSignal, method: string, ...args: Value[]): Promise<Value>;
  /** Collects what a stream method yields. */
  entries(method: string, ...args: Value[]): Promise<string[]>;
  /** Calls a method that reads an image, whose handle replaces the argument `"image"`. */
  upload(image: Uint8Array | string, method: string, ...args: Value[]): Promise<Value>;
  /** Calls a method that writes an image, whose handle replaces the argument `"image"`. */
  download(method: string, ...args: Value[]): Promise<string>;
}

/** Opens a driver as a lease does. */
export async function open(manifest: DriverManifest, config: unknown = {}): Promise<Opened> {
  const opened = await openDriver(manifest, config, { path: "storage" });
  const { driver, logged, signal } = opened;
  const streams = new ClientStreams();
  const callBy = async (connection: AbortSignal, method: string, ...args: Value[]) => {
    return toValue(await driver.call(method, args, callContext(signal, streams, connection)));
  };
  const client = new AbortController();
  const call = (method: string, ...args: Value[]) => callBy(client.signal, method, ...args);
  const withImage = (args: Value[]) => {
    const [near, far] = duplexPair();
    near.on("error", () => {});
    const handle = streams.offer(far, null);
    return { near, args: args.map((arg) => arg === "image" ? { ...handle } : arg) };
  };
  return {
    logged,
    call,
    callBy,
    entries: async (method, ...args) => await opened.stream(method, ...args) as string[],
    upload: async (image, method, ...args) => {
      const client = withImage(args);
      client.near.resume();
      client.near.end(image);
      return await call(method, ...client.args);
    },
    download: async (method, ...args) => {
      const client = withImage(args);
      client.near.end();
      const [bytes] = await Promise.all([buffer(client.near), call(method, ...client.args)]);
      return bytes.toString();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Reads a file as text. */
export async function read(storage: Opened, path: string): Promise<string> {
  const fd = await storage.call("open", path, "rb");
  const text = await storage.download("file_read", fd, "image");
  await storage.call("file_close", fd);
  return text;
}

/** The metadata of a file as clients get them. */
export const file = (size: number) => ({
  content_disposition: null,
  content_length: size,
  content_md5: null,
  content_type: null,
  etag: null,
  mode: { entry_is_file: true, entry_is_dir: false },
});
