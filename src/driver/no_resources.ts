/** Resources for calls that do not support handles. @module */
import { NotSupported } from "../wire/error.ts";
import type { Resources } from "./resources.ts";

/** Resources whose methods reject: "Cannot open a handle: <reason>". */
export function noResources(reason: string): Resources {
  const refuse = () => Promise.reject(new NotSupported(`Cannot open a handle: ${reason}`));
  return { read: refuse, write: refuse };
}
