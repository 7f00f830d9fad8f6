/** Runs the garbage collector. @module */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Collects garbage; objects that finalizers release are collected by the next call. */
export const collect: () => void = runInNewContext("gc");
