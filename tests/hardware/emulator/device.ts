/** A USB device without its transport: descriptors, standard requests, endpoint queues. @module */

/** The eight bytes that begin a control transfer (USB 2.0, 9.3). */
export interface Setup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

/** The identity of a device. */
export interface Identity {
  readonly vendorId: number;
  readonly productId: number;
  /** bcdDevice, by which drivers tell chips apart. @default 0x0100 */
  readonly release?: number;
  readonly manufacturer: string;
  readonly product: string;
  /** If missing, the device has no serial number, like an unprogrammed chip. */
  readonly serial?: string;
}

/** USB 2.0 speeds, as the kernel numbers them. */
export const SPEED = { full: 2, high: 3 } as const;

const DESCRIPTOR = { device: 1, configuration: 2, string: 3 } as const;
const EMPTY = new Uint8Array();
const US_ENGLISH = 0x0409;

/** A pending request for bytes of an IN endpoint. */
interface Waiter {
  readonly id: number;
  readonly length: number;
  readonly deliver: (bytes: Uint8Array) => void;
}

/** The base of all emulated devices. */
export abstract class UsbDevice {
  abstract readonly speed: number;
  /** The configuration descriptor with everything that follows it. */
  abstract readonly configuration: Uint8Array;
  readonly device: Uint8Array;
  readonly #strings: readonly string[];
  readonly #queues = new Map<number, Uint8Array[]>();
  readonly #waiters = new Map<number, Waiter[]>();
  #configured = 0;

  /** `busId` names it to the USB/IP client: `1-1`. */
  constructor(readonly busId: string, readonly identity: Identity, packetSize = 64) {
    const { vendorId, productId, release = 0x0100, manufacturer, product, serial } = identity;
    this.#strings = serial === undefined
      ? [manufacturer, product]
      : [manufacturer, product, serial];
    this.device = Uint8Array.of(
      ...[18, DESCRIPTOR.device, ...le16(0x0200), 0, 0, 0, packetSize],
      ...[...le16(vendorId), ...le16(productId), ...le16(release)],
      ...[1, 2, serial === undefined ? 0 : 3, 1],
    );
  }

  /** Bytes that arrived on an OUT endpoint. */
  abstract receive(endpoint: number, bytes: Uint8Array): void;

  /** A class or vendor request; undefined stalls it. */
  protected request(_setup: Setup, _data: Uint8Array): Uint8Array | undefined {
    return undefined;
  }

  /** A descriptor of an interface. */
  protected interfaceDescriptor(_type: number): Uint8Array | undefined {
    return undefined;
  }

  /** Answers a control transfer; undefined stalls it. */
  control(setup: Setup, data: Uint8Array): Uint8Array | undefined {
    const { requestType, request, value, length } = setup;
    if ((requestType & 0x60) !== 0) {
      return this.request(setup, data)?.subarray(0, length || undefined);
    }
    switch (request) {
      case 0: // GET_STATUS
        return new Uint8Array(2);
      case 6: // GET_DESCRIPTOR
        return (requestType & 0x1f) === 1
          ? this.interfaceDescriptor(value >> 8)?.subarray(0, length)
          : this.#descriptor(value >> 8, value & 0xff)?.subarray(0, length);
      case 8: // GET_CONFIGURATION
        return Uint8Array.of(this.#configured);
      case 9: // SET_CONFIGURATION
        this.#configured = value & 0xff;
        return EMPTY;
      default: // CLEAR_FEATURE, SET_FEATURE, SET_INTERFACE
        return EMPTY;
    }
  }

  /** Queues bytes on an IN endpoint. */
  protected send(endpoint: number, bytes: Uint8Array): void {
    list(this.#queues, endpoint).push(bytes);
    this.#match(endpoint);
  }

  /** Asks for bytes of an IN endpoint; they may come later. */
  want(endpoint: number, waiter: Waiter): void {
    list(this.#waiters, endpoint).push(waiter);
    this.#match(endpoint);
  }

  /** Cancels a request for bytes. @returns whether it was still pending. */
  cancel(id: number): boolean {
    for (const waiters of this.#waiters.values()) {
      const index = waiters.findIndex((waiter) => waiter.id === id);
      if (index >= 0) return waiters.splice(index, 1).length > 0;
    }
    return false;
  }

  /** The state of a device that has just been plugged in. */
  reset(): void {
    this.#queues.clear();
    this.#waiters.clear();
    this.#configured = 0;
  }

  /** A transfer ends with the message that answers it, or continues it where that is longer. */
  #match(endpoint: number): void {
    const queue = list(this.#queues, endpoint);
    const waiters = list(this.#waiters, endpoint);
    while (queue.length > 0 && waiters.length > 0) {
      const { length, deliver } = waiters.shift()!;
      const message = queue.shift()!;
      if (message.length > length) queue.unshift(message.subarray(length));
      deliver(message.subarray(0, length));
    }
  }

  #descriptor(type: number, index: number): Uint8Array | undefined {
    switch (type) {
      case DESCRIPTOR.device:
        return this.device;
      case DESCRIPTOR.configuration:
        return this.configuration;
      case DESCRIPTOR.string:
        return index === 0
          ? Uint8Array.of(4, DESCRIPTOR.string, ...le16(US_ENGLISH))
          : stringDescriptor(this.#strings[index - 1]);
      default:
        return undefined;
    }
  }
}

function stringDescriptor(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const units = Array.from(text, (character) => le16(character.charCodeAt(0))).flat();
  return Uint8Array.of(2 + units.length, DESCRIPTOR.string, ...units);
}

/** A configuration with one interface; `body` is what follows its descriptor. */
export function configuration(
  [interfaceClass, subclass, protocol]: readonly [number, number, number],
  endpoints: readonly Uint8Array[],
  classDescriptor: Uint8Array = EMPTY,
): Uint8Array {
  const body = [
    ...[9, 4, 0, 0, endpoints.length, interfaceClass, subclass, protocol, 0],
    ...classDescriptor,
    ...endpoints.flatMap((endpoint) => [...endpoint]),
  ];
  return Uint8Array.of(9, 2, ...le16(9 + body.length), 1, 1, 0, 0x80, 50, ...body);
}

/** An endpoint descriptor; addresses from 0x80 on are IN. */
export function endpoint(
  address: number,
  type: "bulk" | "interrupt",
  packetSize: number,
): Uint8Array {
  const interrupt = type === "interrupt";
  return Uint8Array.of(7, 5, address, interrupt ? 3 : 2, ...le16(packetSize), interrupt ? 1 : 0);
}

/** Two bytes, the low one first. */
export function le16(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function list<T>(map: Map<number, T[]>, key: number): T[] {
  const found = map.get(key) ?? [];
  map.set(key, found);
  return found;
}
