/** USB devices of this host: listing them, and transfers. @module */
export { describeUsb, udevRule, type UsbDevice, usbDevices } from "./devices.ts";
export { checkUsb, type UsbHandle, withUsb } from "./handle.ts";
