/** USB devices of this host: which there are, and transfers to them. @module */
export { describeUsb, udevRule, type UsbDevice, usbDevices } from "./devices.ts";
export { checkUsb, type UsbHandle, withUsb } from "./handle.ts";
