/**
 * The used part of `npm:usb` 3, native code for usbfs without libusb. Its own types refer to
 * those of browsers, which are missing here.
 *
 * @module
 */

/** The setup of a vendor request to the device. */
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

/** A device of the library; timeouts are in milliseconds. */
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
  /** Fails if no kernel driver is bound. */
  detachKernelDriver(number: number): Promise<void>;
  attachKernelDriver(number: number): Promise<void>;
  /** Needs an empty array if there is no data. */
  nativeControlTransferOut(setup: Setup, timeout: number, data: Uint8Array): Promise<number>;
  nativeControlTransferIn(
    setup: Setup,
    timeout: number,
    length: number,
  ): Promise<Uint8Array | null>;
  nativeTransferOut(endpoint: number, timeout: number, data: Uint8Array): Promise<number>;
  nativeTransferIn(endpoint: number, timeout: number, length: number): Promise<Uint8Array | null>;
}

/** The devices that the library finds; the first call loads it. */
export async function nativeDevices(): Promise<NativeDevice[]> {
  const { WebUSB } = await import("usb");
  return await new WebUSB({ allowAllDevices: true }).getDevices() as unknown as NativeDevice[];
}
