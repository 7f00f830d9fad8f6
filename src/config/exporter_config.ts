/** An exporter config after reading: everything checked, nothing opened. @module */
import type { Entry } from "../tree/entry.ts";
import type { DriverNode, Identity } from "../tree/tree.ts";
import type { FailurePolicy } from "./schema/fields.ts";
import type { Position } from "./yaml/position.ts";

/** A script that runs at one end of a lease. */
export interface HookConfig {
  readonly script: string;
  /** The interpreter; where none is given, the script decides. */
  readonly exec?: string;
  /** How long the script may take, in seconds. */
  readonly timeoutSeconds: number;
  readonly onFailure: FailurePolicy;
}

/** How the controller and its routers are trusted. */
export interface TlsConfig {
  /** The only roots to trust: a PEM bundle, already decoded. */
  readonly ca?: string;
  /** Do not check who answers. */
  readonly insecure: boolean;
}

/** Everything that a config file says, with the environment's say already in. */
export interface ExporterConfig {
  /** The file that it was read from, as it was named. */
  readonly file: string;
  readonly apiVersion: "jumpstarter.dev/v1alpha1";
  readonly kind: "ExporterConfig";
  /** As given by the file or the environment. */
  readonly metadata: Partial<Identity>;
  /** `metadata` with defaults for local use: namespace `default`, the name of the file. */
  readonly identity: Identity;
  /** `host:port` of the controller; IPv6 in brackets. */
  readonly endpoint?: string;
  readonly tls: TlsConfig;
  /** Use `readToken`: a token may stand in a file and change. */
  readonly token?: string;
  /** Absolute paths where the token may stand, best first. */
  readonly tokenFiles: readonly string[];
  readonly description?: string;
  /** Shown to clients when they connect. */
  readonly motd?: string;
  readonly hooks: { readonly beforeLease?: HookConfig; readonly afterLease?: HookConfig };
  /** So many failures within so many seconds are too many. */
  readonly failureDetection: {
    readonly maxRapidFailures: number;
    readonly rapidFailureWindowSeconds: number;
  };
  readonly exitOnLeaseEnd: boolean;
  /** gRPC channel arguments of the file alone, without defaults. */
  readonly channelOptions: Readonly<Record<string, string | number>>;
  readonly export: readonly Entry[];
  /** The root of the driver tree that `export` describes. */
  readonly tree: DriverNode;
  /** Where a top-level or nested key stands, or would have to stand. */
  readonly locate: (path: readonly string[]) => Position;
}
