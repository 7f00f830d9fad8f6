/** A card reader: SCSI over USB's Bulk-Only Transport, with a removable medium. @module */
import { configuration, endpoint, type Identity, type Setup, SPEED, UsbDevice } from "./device.ts";

const BLOCK = 512;
const CBW_LENGTH = 31;
const IN = 0x81;

/** SCSI commands that Linux sends to a disk. */
const SCSI = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  inquiry: 0x12,
  modeSense6: 0x1a,
  startStop: 0x1b,
  allowRemoval: 0x1e,
  readCapacity10: 0x25,
  read10: 0x28,
  write10: 0x2a,
  synchronizeCache: 0x35,
} as const;

/** Sense key, additional code. */
const SENSE = {
  none: [0, 0],
  noMedium: [2, 0x3a],
  mediumChanged: [6, 0x28],
  unknownCommand: [5, 0x20],
  outOfRange: [5, 0x21],
} as const;

/** A command in progress. */
interface Command {
  readonly tag: Uint8Array;
  readonly length: number;
  readonly block: Uint8Array;
}

/** The reader. A wrong command fails; none hangs. */
export class CardReader extends UsbDevice {
  override readonly speed = SPEED.high;
  override readonly configuration = configuration(
    [8, 6, 0x50],
    [endpoint(IN, "bulk", 512), endpoint(0x02, "bulk", 512)],
  );
  /** How often the card was written to. */
  writes = 0;
  /** Called after each write with the bytes written so far. */
  onWrite: (bytes: number) => void = () => {};
  #written = 0;
  #present = false;
  #changed = false;
  #sense: readonly [number, number] = SENSE.none;
  /** The write whose bytes are still coming. */
  #incoming: (Command & { readonly at: number; filled: number }) | undefined;

  constructor(busId: string, identity: Identity, readonly card: Uint8Array) {
    super(busId, identity);
  }

  /** Puts the card in or takes it out. */
  set present(present: boolean) {
    this.#changed ||= present && !this.#present;
    this.#present = present;
  }

  override reset(): void {
    super.reset();
    this.#incoming = undefined;
  }

  protected override request({ requestType, request }: Setup): Uint8Array | undefined {
    if (requestType === 0xa1 && request === 0xfe) return Uint8Array.of(0); // GET_MAX_LUN
    if (requestType !== 0x21 || request !== 0xff) return undefined;
    this.#incoming = undefined; // Bulk-Only reset
    return new Uint8Array();
  }

  override receive(_endpoint: number, bytes: Uint8Array): void {
    if (this.#incoming) return this.#take(bytes);
    if (bytes.length !== CBW_LENGTH) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const command: Command = {
      tag: bytes.slice(4, 8),
      length: view.getUint32(8, true),
      block: bytes.slice(15, 31),
    };
    const failure = this.#obstacle(command);
    if (failure) this.#fail(command, failure);
    else this.#execute(command);
  }

  /** Why a command cannot be carried out now. */
  #obstacle({ block }: Command): readonly [number, number] | undefined {
    const always: readonly number[] = [SCSI.inquiry, SCSI.requestSense, SCSI.startStop];
    if (always.includes(block[0]!)) return undefined;
    if (!this.#present) return SENSE.noMedium;
    if (this.#changed) {
      this.#changed = false;
      return SENSE.mediumChanged;
    }
    return undefined;
  }

  #execute(command: Command): void {
    const { block } = command;
    switch (block[0]) {
      case SCSI.testUnitReady:
      case SCSI.startStop:
      case SCSI.allowRemoval:
      case SCSI.synchronizeCache:
        return this.#finish(command);
      case SCSI.inquiry:
        return this.#answer(command, this.#inquiry());
      case SCSI.requestSense: {
        const [key, code] = this.#sense;
        this.#sense = SENSE.none;
        return this.#answer(
          command,
          Uint8Array.of(0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, 0, 0, 0, 0, 0),
        );
      }
      case SCSI.modeSense6:
        return this.#answer(command, Uint8Array.of(3, 0, 0, 0));
      case SCSI.readCapacity10:
        return this.#answer(command, be32(this.card.length / BLOCK - 1, BLOCK));
      case SCSI.read10:
      case SCSI.write10:
        return this.#transfer(command);
      default:
        return this.#fail(command, SENSE.unknownCommand);
    }
  }

  #inquiry(): Uint8Array {
    const { manufacturer, product } = this.identity;
    const text = manufacturer.padEnd(8).slice(0, 8) + product.padEnd(16).slice(0, 16) + "1.00";
    return Uint8Array.of(0, 0x80, 4, 2, 31, 0, 0, 0, ...new TextEncoder().encode(text));
  }

  #transfer(command: Command): void {
    const view = new DataView(command.block.buffer);
    const at = view.getUint32(2) * BLOCK;
    const length = view.getUint16(7) * BLOCK;
    if (at + length > this.card.length) return this.#fail(command, SENSE.outOfRange);
    if (command.block[0] === SCSI.read10) {
      return this.#answer(command, this.card.subarray(at, at + length));
    }
    this.#incoming = { ...command, at, filled: 0 };
  }

  #take(bytes: Uint8Array): void {
    const write = this.#incoming!;
    this.card.set(bytes, write.at + write.filled);
    write.filled += bytes.length;
    if (write.filled < write.length) return;
    this.#incoming = undefined;
    this.writes++;
    this.#written += write.length;
    this.#finish(write);
    this.onWrite(this.#written);
  }

  #answer(command: Command, data: Uint8Array): void {
    const sent = data.subarray(0, command.length);
    if (command.length > 0) this.send(IN, sent);
    this.#status(command, 0, command.length - sent.length);
  }

  #finish(command: Command): void {
    this.#sense = SENSE.none;
    this.#status(command, 0, 0);
  }

  /** A host that expects data gets an empty packet before the error status. */
  #fail(command: Command, sense: readonly [number, number]): void {
    this.#sense = sense;
    if (command.length > 0) this.send(IN, new Uint8Array());
    this.#status(command, 1, command.length);
  }

  #status({ tag }: Command, status: number, residue: number): void {
    const wrapper = new Uint8Array(13);
    wrapper.set(new TextEncoder().encode("USBS"));
    wrapper.set(tag, 4);
    new DataView(wrapper.buffer).setUint32(8, residue, true);
    wrapper[12] = status;
    this.send(IN, wrapper);
  }
}

function be32(...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value));
  return new Uint8Array(view.buffer);
}
