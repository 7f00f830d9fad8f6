/** Calls whose handles cannot be opened. @module */
import { NotSupported } from "../wire/error.ts";
import type { Resources } from "./resources.ts";

/** Resources of which every use fails, and says why: "Cannot open a handle: <reason>". */
export function noResources(reason: string): Resources {
  const refuse = () => Promise.reject(new NotSupported(`Cannot open a handle: ${reason}`));
  return { read: refuse, write: refuse };
}
