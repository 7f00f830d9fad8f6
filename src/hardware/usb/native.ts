/**
 * What is used of `npm:usb` 3, native code that speaks usbfs without libusb. Its types
 * lean on a browser's, which are not there, so those that matter are written down here.
 *
 * @module
 */

/** A vendor's request to the device itself. */
export interface Setup {
  readonly requestType: "vendor";
  readonly recipient: "device";
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

/** An endpoint of an interface. */
export interface Endpoint {
  readonly endpointNumber: number;
  readonly direction: "in" | "out";
}

/** A device of the library; timeouts are in ms. */
export interface NativeDevice {
  readonly bus: string;
  readonly address: number;
  readonly configuration?: {
    readonly interfaces: readonly {
      readonly alternate: { readonly endpoints: readonly Endpoint[] };
    }[];
  };
  open(): Promise<void>;
  close(): Promise<void>;
  reset(): Promise<void>;
  claimInterface(number: number): Promise<void>;
  releaseInterface(number: number): Promise<void>;
  /** Fails where no kernel driver is bound. */
  detachKernelDriver(number: number): Promise<void>;
  attachKernelDriver(number: number): Promise<void>;
  /** Wants bytes where there are none to send, too. */
  nativeControlTransferOut(setup: Setup, timeout: number, data: Uint8Array): Promise<number>;
  nativeControlTransferIn(
    setup: Setup,
    timeout: number,
    length: number,
  ): Promise<Uint8Array | null>;
  nativeTransferOut(endpoint: number, timeout: number, data: Uint8Array): Promise<number>;
  nativeTransferIn(endpoint: number, timeout: number, length: number): Promise<Uint8Array | null>;
}

/** The devices that the library sees; it is loaded by the first who asks, and by nobody else. */
export async function nativeDevices(): Promise<NativeDevice[]> {
  const { WebUSB } = await import("usb");
  return await new WebUSB({ allowAllDevices: true }).getDevices() as unknown as NativeDevice[];
}
