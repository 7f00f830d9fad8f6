/** An open serial device as a stream that closes the device when it is destroyed. @module */
import { SerialPortStream } from "@serialport/stream";
import { posixBinding } from "./binding.ts";
import type { PortOptions, PosixPort } from "./port.ts";

/** A SerialPortStream that closes its port when it is destroyed, and only then. */
export class SerialDevice extends SerialPortStream<typeof posixBinding> {
  /** The open port, for lines and settings. */
  get line(): PosixPort {
    return this.port!;
  }

  override _disconnected(error: Error): void {
    this.destroy(error);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.port) return callback(error);
    this.port.close().then(() => callback(error), callback);
  }
}

/** Opens a device. @throws {DeviceError} if it is missing, busy or not permitted. */
export function openDevice(options: PortOptions): Promise<SerialDevice> {
  return new Promise((resolve, reject) => {
    const device = new SerialDevice({ ...options, binding: posixBinding }, (error) => {
      if (error) reject(error);
      else resolve(device);
    });
  });
}
