/** Everything that a driver may import from the exporter. @module */
export * from "./driver.ts";
export * from "./hardware_problem.ts";
export * from "./lax.ts";
export * from "./manifest.ts";
export {
  type BytesMethod,
  type DeclaredMethod,
  type DriverLike,
  type Methods,
  type StreamMethod,
  type UnaryMethod,
  withArgs,
} from "./methods.ts";
export { groupName } from "../files/accounts.ts";
export { findHolder, type Holder } from "./holder.ts";
export { type ResourceHandle, resourceHandle } from "./handle.ts";
export type { Resources, Source } from "./resources.ts";
export {
  ConnectionFailed,
  DeviceError,
  DriverError,
  InvalidArgument,
  messageOf,
  NotSupported,
  ResourceExhausted,
  Timeout,
} from "../wire/error.ts";
export type { Value } from "../wire/value.ts";
