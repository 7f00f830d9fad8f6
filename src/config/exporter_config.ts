/** A parsed exporter config: everything checked, nothing opened. @module */
import type { Entry } from "../tree/entry.ts";
import type { DriverTree } from "../tree/driver_tree.ts";
import type { Identity } from "../tree/uuid.ts";
import type { FailurePolicy } from "./schema/fields.ts";
import type { Diagnostic } from "./yaml/diagnostics.ts";
import type { Position } from "./yaml/position.ts";

/** A script that runs at the beginning or end of a lease. */
export interface HookConfig {
  readonly script: string;
  /** The interpreter; without one, the form of the script decides. */
  readonly exec?: string;
  /** Time limit of the script, in seconds. */
  readonly timeoutSeconds: number;
  readonly onFailure: FailurePolicy;
}

/** How the certificates of the controller and its routers are verified. */
export interface TlsConfig {
  /** The only trusted roots, as a PEM bundle. */
  readonly ca?: string;
  /** Whether verification is skipped. */
  readonly insecure: boolean;
}

/** The contents of a config file, with environment overrides and defaults applied. */
export interface ExporterConfig {
  /** Path of the file, as the caller gave it. */
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
  /** The token in the file or environment; use `readToken`, as it may be in `tokenFiles` instead. */
  readonly token?: string;
  /** Absolute paths of files that may hold the token, in the order to try them. */
  readonly tokenFiles: readonly string[];
  readonly description?: string;
  /** Shown to clients when they connect. */
  readonly motd?: string;
  /** The Python interpreter or virtual environment of Python drivers, as in the file. */
  readonly python?: string;
  readonly hooks: { readonly beforeLease?: HookConfig; readonly afterLease?: HookConfig };
  /** Limits of the official exporter's restarts; without effect here. */
  readonly failureDetection: {
    readonly maxRapidFailures: number;
    readonly rapidFailureWindowSeconds: number;
  };
  readonly exitOnLeaseEnd: boolean;
  /** gRPC channel arguments of the file, without defaults. */
  readonly channelOptions: Readonly<Record<string, string | number>>;
  /** Errors because of which the exporter cannot connect to a controller. */
  readonly controllerProblems?: readonly Diagnostic[];
  readonly export: readonly Entry[];
  /** The driver tree that `export` describes. */
  readonly tree: DriverTree;
  /** The position of a key, or of its nearest parent if it is missing. */
  readonly locate: (path: readonly string[]) => Position;
}
