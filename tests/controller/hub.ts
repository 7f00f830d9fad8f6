/**
 * State that the controller's services share.
 *
 * @module
 */
import type { Faults } from "./faults.ts";
import type { Listeners } from "./listen.ts";
import type { Recorder } from "./record.ts";
import type { OutStream } from "./rpc.ts";
import type { Store } from "./state.ts";

/** An old controller: `release` refuses ReleaseLease, `true` does not know ReportStatus either. */
export type Age = boolean | "release";

/** @see TestController */
export interface Hub {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly faults: Faults;
  readonly listeners: Listeners;
  /** Every open Status and Listen stream. */
  readonly streams: Set<OutStream<unknown>>;
  readonly old: Age;
  /** Key of the router's tokens. */
  readonly secret: Uint8Array;
  /** How long a token can open a stream, in milliseconds. */
  tokenLifetimeMs: number;
  /** How long Dial waits for an exporter with the status Available, in milliseconds. */
  readonly dialWaitMs: number;
  /** Host and port that tokens are for. */
  routerEndpoint: string;
  /** Aborted when the controller stops. */
  signal: AbortSignal;
}
