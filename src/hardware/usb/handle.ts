/**
 * Transfers to a USB device, by usbfs. Each use opens and closes the device, so that no handle is
 * stale after it was plugged in again, and other programs can use it in between.
 *
 * @module
 */
import { withDeadline } from "../../base/deadline.ts";
import { messageOf, Timeout } from "../../wire/error.ts";
import { explainBusy, explainPermission, HardwareProblem } from "../../driver/hardware_problem.ts";
import { describeUsb, udevRule, type UsbDevice } from "./devices.ts";
import { type NativeDevice, nativeDevices, type Setup } from "./native.ts";

/** Longest wait for a device to accept data, in milliseconds. */
const SEND_MS = 1_000;
/** Longest wait for an answer, in milliseconds; as in the official drivers. */
const ANSWER_MS = 2_000;
/** Bound of a whole use in milliseconds, also if a call of the kernel does not return. */
const USE_MS = 10_000;

/** An open device. Every transfer is bounded. */
export interface UsbHandle {
  /** Sends a vendor request without data to the device. */
  vendorOut(request: number, value: number): Promise<void>;
  /** Sends a vendor request that the device answers with `length` bytes. */
  vendorIn(request: number, value: number, length: number): Promise<Uint8Array>;
  /** Claims interface 0 for this use, and detaches its kernel driver. */
  claim(): Promise<void>;
  /** Claims interface 0, sends to its first OUT endpoint, and reads the answer from its first IN endpoint. */
  exchange(bytes: Uint8Array): Promise<Uint8Array>;
  /** Attaches or detaches the kernel driver of interface 0. */
  setKernelDriver(attached: boolean): Promise<void>;
  /** Resets the device, which may change its address. */
  reset(): Promise<void>;
}

/** The last use of each device: uses of all drivers run one after the other. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Opens a device, calls `use` with it, and closes it.
 *
 * @throws {HardwareProblem} if it is missing, not permitted or busy.
 * @throws {Timeout} if it does not answer.
 */
export async function withUsb<T>(
  device: UsbDevice,
  use: (handle: UsbHandle) => Promise<T>,
): Promise<T> {
  const turn = (queues.get(device.node) ?? Promise.resolve()).then(
    () => withDeadline(useNow(device, use), { ms: USE_MS, late: () => silent(device) }),
  );
  const settled = turn.catch(() => {});
  queues.set(device.node, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(device.node) === settled) queues.delete(device.node);
  }
}

/**
 * Checks that this process may use a device, without a transfer to it.
 *
 * @throws {HardwareProblem} if it is missing, not permitted or busy.
 */
export async function checkUsb(device: UsbDevice): Promise<void> {
  await checkAccess(device);
  // Detaching a kernel driver would disturb its users; claiming a free interface does not.
  if (await kernelDriver(device) !== undefined) return;
  await withUsb(device, (handle) => handle.claim());
}

async function useNow<T>(device: UsbDevice, use: (handle: UsbHandle) => Promise<T>): Promise<T> {
  await checkAccess(device);
  const native = await find(device);
  const handle = new Handle(device, native);
  try {
    await native.open();
    return await use(handle);
  } catch (error) {
    throw await explain(device, error);
  } finally {
    await handle.release();
  }
}

/** Opens the usbfs node, which does not affect the device: errors of the library lack the reason. */
async function checkAccess(device: UsbDevice): Promise<void> {
  try {
    (await Deno.open(device.node, { read: true, write: true })).close();
  } catch (cause) {
    throw await explain(device, cause);
  }
}

async function find(device: UsbDevice): Promise<NativeDevice> {
  const found = (await nativeDevices()).find(({ bus, address }) => {
    return Number.parseInt(bus) === device.bus && address === device.address;
  });
  if (!found) throw gone(device);
  return found;
}

class Handle implements UsbHandle {
  #claimed = false;

  constructor(private readonly device: UsbDevice, private readonly native: NativeDevice) {}

  async vendorOut(request: number, value: number): Promise<void> {
    await this.native.nativeControlTransferOut(
      vendorSetup(request, value),
      SEND_MS,
      new Uint8Array(),
    );
  }

  async vendorIn(request: number, value: number, length: number): Promise<Uint8Array> {
    const setup = vendorSetup(request, value);
    return await this.native.nativeControlTransferIn(setup, ANSWER_MS, length) ?? new Uint8Array();
  }

  async claim(): Promise<void> {
    if (this.#claimed) return;
    await this.setKernelDriver(false);
    await this.native.claimInterface(0);
    this.#claimed = true;
  }

  async exchange(bytes: Uint8Array): Promise<Uint8Array> {
    await this.claim();
    const endpoints = this.native.configuration?.interfaces[0]?.alternate.endpoints ?? [];
    const [out, answer] = ["out", "in"].map((wanted) => {
      return endpoints.find(({ direction }) => direction === wanted);
    });
    if (!out || !answer) {
      throw new HardwareProblem(
        "failed",
        `Cannot use USB device ${describeUsb(this.device)}: expected an endpoint for each ` +
          `direction, found ${endpoints.length}; unplug it and plug it in again`,
      );
    }
    await this.native.nativeTransferOut(out.endpointNumber, SEND_MS, bytes);
    return await this.native.nativeTransferIn(answer.endpointNumber, ANSWER_MS, bytes.length) ??
      new Uint8Array();
  }

  async setKernelDriver(attached: boolean): Promise<void> {
    const bound = await kernelDriver(this.device) !== undefined;
    if (attached && !bound) await this.native.attachKernelDriver(0);
    if (!attached && bound) await this.native.detachKernelDriver(0);
  }

  async reset(): Promise<void> {
    await this.native.reset();
  }

  async release(): Promise<void> {
    if (this.#claimed) await this.native.releaseInterface(0).catch(() => {});
    await this.native.close().catch(() => {});
  }
}

function vendorSetup(request: number, value: number): Setup {
  return { requestType: "vendor", recipient: "device", request, value, index: 0 };
}

/** The name of the kernel driver of interface 0, if it has one. */
async function kernelDriver({ sysfs, path }: UsbDevice): Promise<string | undefined> {
  const link = `${sysfs}/${path}:1.0/driver`;
  const target = await Deno.readLink(link).catch(() => undefined);
  const name = target?.split("/").at(-1);
  return name === "usbfs" ? undefined : name;
}

async function explain(device: UsbDevice, cause: unknown): Promise<Error> {
  if (cause instanceof HardwareProblem || cause instanceof Timeout) return cause;
  const what = `Cannot use USB device ${describeUsb(device)}`;
  const text = messageOf(cause);
  if (cause instanceof Deno.errors.PermissionDenied || /permission|errno 13\b/i.test(text)) {
    const advice = await explainPermission(device.node, "EACCES", udevRule(device));
    return new HardwareProblem("no permission", `${what} (${device.node}): ${advice}`, { cause });
  }
  if (!await Deno.stat(device.sysfs).then(() => true, () => false)) return gone(device);
  if (/busy|errno 16\b/i.test(text)) {
    const advice = await explainBusy(device.node, "EBUSY");
    return new HardwareProblem("busy", `${what}: ${advice}`, { cause });
  }
  if (/time[d ]*out|cancel/i.test(text)) return silent(device);
  return new HardwareProblem(
    "failed",
    `${what}: expected it to work, found ${text}; unplug it and plug it in again`,
    { cause },
  );
}

function gone(device: UsbDevice): HardwareProblem {
  return new HardwareProblem(
    "missing",
    `Cannot use USB device ${describeUsb(device)}: expected it to stay plugged in, ` +
      "found it gone; plug it in, and call again",
  );
}

function silent(device: UsbDevice): Timeout {
  return new Timeout(
    `Cannot use USB device ${describeUsb(device)}: expected an answer within ` +
      `${ANSWER_MS / 1000} s, found none; unplug it and plug it in again`,
  );
}
