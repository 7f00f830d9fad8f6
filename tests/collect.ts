/** The garbage collector, when it is wanted. @module */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Frees what can be freed now; what finalizers let go of is freed by the next call. */
export const collect: () => void = runInNewContext("gc");
