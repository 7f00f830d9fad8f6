/**
 * A USB/IP server (the kernel's Documentation/usb/usbip_protocol.rst, version 1.1.1):
 * the kernel of the guest imports devices from it as if they were plugged in.
 *
 * @module
 */
import type { UsbDevice } from "./device.ts";

const VERSION = 0x0111;
const OP = { importRequest: 0x8003, importReply: 0x0003 } as const;
const URB = { submit: 1, unlink: 2, submitReply: 3, unlinkReply: 4 } as const;
const URB_HEADER = 48;
const BUS_ID = 32;
const EPIPE = 32;
const ECONNRESET = 104;
const EMPTY = new Uint8Array();

/** Serves devices on a port of loopback. */
export class UsbIpServer implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #devices: readonly UsbDevice[];
  readonly #imports = new Map<UsbDevice, Deno.TcpConn>();

  constructor(devices: readonly UsbDevice[]) {
    this.#devices = devices;
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Pulls the plug of a device; importing it again plugs it in. */
  unplug(device: UsbDevice): void {
    const connection = this.#imports.get(device);
    if (!connection) throw new Error(`Cannot unplug ${device.busId}: it is not plugged in`);
    closeQuietly(connection);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#imports.values()) closeQuietly(connection);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      connection.setNoDelay(true);
      void this.#serve(connection).catch(() => {}).finally(() => closeQuietly(connection));
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const operation = await read(connection, 8 + BUS_ID);
    if (view(operation).getUint16(2) !== OP.importRequest) return;
    const busId = new TextDecoder().decode(operation.subarray(8)).replace(/\0.*$/s, "");
    const device = this.#devices.find((candidate) => candidate.busId === busId);
    if (!device || this.#imports.has(device)) {
      await write(connection, importReply(1));
      return;
    }
    this.#imports.set(device, connection);
    device.reset();
    try {
      await write(connection, Uint8Array.of(...importReply(0), ...describe(device)));
      await new Import(connection, device).run();
    } finally {
      this.#imports.delete(device);
      device.reset();
    }
  }
}

/** One device in use. */
class Import {
  readonly #connection: Deno.TcpConn;
  readonly #device: UsbDevice;
  /** Replies leave one after the other. */
  #sending = Promise.resolve();

  constructor(connection: Deno.TcpConn, device: UsbDevice) {
    this.#connection = connection;
    this.#device = device;
  }

  async run(): Promise<never> {
    for (;;) {
      const header = await read(this.#connection, URB_HEADER);
      const command = view(header).getUint32(0);
      if (command === URB.submit) await this.#submit(header);
      else if (command === URB.unlink) this.#unlink(header);
      else throw new Error(`unknown command ${command}`);
    }
  }

  async #submit(header: Uint8Array): Promise<void> {
    const fields = view(header);
    const sequence = fields.getUint32(4);
    const isIn = fields.getUint32(12) === 1;
    const endpoint = fields.getUint32(16);
    const length = fields.getUint32(24);
    const data = isIn ? EMPTY : await read(this.#connection, length);
    if (endpoint === 0) return this.#control(sequence, header.subarray(40), data, isIn);
    if (isIn) {
      const deliver = (bytes: Uint8Array) => this.#reply(sequence, 0, bytes, bytes.length);
      return this.#device.want(0x80 | endpoint, { id: sequence, length, deliver });
    }
    // Replies first, because the device's own answer follows the end of the transfer.
    this.#reply(sequence, 0, EMPTY, length);
    this.#device.receive(endpoint, data);
  }

  #control(sequence: number, bytes: Uint8Array, data: Uint8Array, isIn: boolean): void {
    const fields = view(bytes);
    const answer = this.#device.control({
      requestType: bytes[0]!,
      request: bytes[1]!,
      value: fields.getUint16(2, true),
      index: fields.getUint16(4, true),
      length: fields.getUint16(6, true),
    }, data);
    if (!answer) this.#reply(sequence, -EPIPE, EMPTY, 0);
    else if (isIn) this.#reply(sequence, 0, answer, answer.length);
    else this.#reply(sequence, 0, EMPTY, data.length);
  }

  #unlink(header: Uint8Array): void {
    const fields = view(header);
    const cancelled = this.#device.cancel(fields.getUint32(20));
    this.#send(URB.unlinkReply, fields.getUint32(4), cancelled ? -ECONNRESET : 0, 0, EMPTY);
  }

  #reply(sequence: number, status: number, bytes: Uint8Array, actual: number): void {
    this.#send(URB.submitReply, sequence, status, actual, bytes);
  }

  #send(
    command: number,
    sequence: number,
    status: number,
    actual: number,
    bytes: Uint8Array,
  ): void {
    const message = new Uint8Array(URB_HEADER + bytes.length);
    const fields = view(message);
    fields.setUint32(0, command);
    fields.setUint32(4, sequence);
    fields.setInt32(20, status);
    fields.setUint32(24, actual);
    message.set(bytes, URB_HEADER);
    this.#sending = this.#sending.then(() => write(this.#connection, message)).catch(() => {});
  }
}

function importReply(status: number): Uint8Array {
  const reply = new Uint8Array(8);
  view(reply).setUint16(0, VERSION);
  view(reply).setUint16(2, OP.importReply);
  view(reply).setUint32(4, status);
  return reply;
}

/** struct usbip_usb_device. */
function describe({ busId, speed, device, configuration }: UsbDevice): Uint8Array {
  const bytes = new Uint8Array(312);
  const fields = view(bytes);
  const encoder = new TextEncoder();
  encoder.encodeInto(`/sys/devices/emulated/${busId}`, bytes);
  encoder.encodeInto(busId, bytes.subarray(256));
  const [bus, number] = busId.split("-").map(Number);
  fields.setUint32(288, bus!);
  fields.setUint32(292, number! + 1);
  fields.setUint32(296, speed);
  const source = view(device);
  for (const [to, from] of [[300, 8], [302, 10], [304, 12]] as const) {
    fields.setUint16(to, source.getUint16(from, true));
  }
  bytes.set([...device.subarray(4, 7), 1, 1, configuration[4]!], 306);
  return bytes;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function read(connection: Deno.TcpConn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await connection.read(bytes.subarray(filled));
    if (count === null) throw new Error("the connection ended");
    filled += count;
  }
  return bytes;
}

async function write(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // The peer has already closed it.
  }
}
