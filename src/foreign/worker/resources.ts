/**
 * The bytes of handles across the worker boundary: the exporter opens them, and each handle has a
 * channel that carries them.
 *
 * @module
 */
import { pipeline } from "node:stream/promises";
import { InvalidArgument } from "../../wire/error.ts";
import { toValue } from "../../wire/value.ts";
import { describeIssues } from "../../text/issue.ts";
import { resourceHandle } from "../../driver/handle.ts";
import type { Resources, Source } from "../../driver/resources.ts";
import { Once, received } from "../../driver/source.ts";
import type { Channels } from "./channel.ts";
import type { HostOps, ResourceRequest, WorkerOps } from "./protocol.ts";
import type { Handlers, Rpc } from "./rpc.ts";

/** The exporter's side; `calls` has the running calls by number. */
export function resourceHandlers(
  calls: ReadonlyMap<number, Resources>,
  channels: () => Channels,
): Pick<Handlers<HostOps>, "read" | "write"> {
  return {
    async read({ call, handle, channel }) {
      const source = await of(calls, call).read(parse(handle));
      const out = channels().open(channel);
      // The other side only ends its direction, which must be read to be noticed.
      out.resume();
      // The channel itself carries an error to the other side.
      pipeline(source, out).catch(() => {});
      return source.size === undefined ? {} : { size: source.size };
    },
    async write({ call, handle, channel, size }) {
      const content = channels().open(channel);
      content.end();
      try {
        const chunks = content.iterator({ destroyOnReturn: false });
        await of(calls, call).write(parse(handle), new Once(chunks, size));
      } finally {
        content.destroy();
      }
    },
  };
}

/** The worker's side, for one call. */
export class WorkerResources implements Resources {
  readonly #call: number;
  readonly #rpc: Rpc<HostOps, WorkerOps>;
  readonly #channels: Channels;
  readonly #nextId: () => number;

  constructor(
    call: number,
    rpc: Rpc<HostOps, WorkerOps>,
    channels: Channels,
    nextId: () => number,
  ) {
    this.#call = call;
    this.#rpc = rpc;
    this.#channels = channels;
    this.#nextId = nextId;
  }

  async read(handle: unknown): Promise<Source> {
    const request = this.#request(handle);
    const channel = this.#channels.open(request.channel);
    try {
      const { size } = await this.#rpc.request("read", request);
      return new Once(received(channel), size);
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  async write(handle: unknown, content: Source): Promise<void> {
    const { size } = content;
    const request = { ...this.#request(handle), ...(size !== undefined && { size }) };
    const channel = this.#channels.open(request.channel);
    channel.resume();
    const sending = pipeline(content, channel);
    // The channel carries an error to the exporter, which answers the request with it.
    sending.catch(() => {});
    try {
      await this.#rpc.request("write", request);
    } finally {
      channel.destroy();
    }
  }

  #request(handle: unknown): ResourceRequest {
    return { call: this.#call, handle: toValue(handle), channel: this.#nextId() };
  }
}

function of(calls: ReadonlyMap<number, Resources>, call: number): Resources {
  const resources = calls.get(call);
  if (!resources) throw new InvalidArgument("Cannot open a handle: its call has ended");
  return resources;
}

function parse(handle: unknown) {
  const parsed = resourceHandle.safeParse(handle);
  if (parsed.success) return parsed.data;
  const problem = describeIssues(parsed.error.issues, handle);
  throw new InvalidArgument(`Cannot open a handle: ${problem}`);
}
