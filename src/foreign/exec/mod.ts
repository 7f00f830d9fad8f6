/** Drivers that a program in any language serves. @module */
export { EXEC_TYPE, type ExecProgram, readProgram } from "./program.ts";
export { findProgram } from "./find.ts";
export { execLaunch, type ExecOptions } from "./launch.ts";
export { KeptProcess } from "./kept.ts";
export type { HostedRecord } from "./records.ts";
