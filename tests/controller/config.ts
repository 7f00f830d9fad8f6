/**
 * Config files of the official programs, for one test controller.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { parse, stringify } from "yaml";
import type { Identity } from "./records.ts";

/** The controller, as in every config. */
export interface ControllerAddress {
  readonly endpoint: string;
  readonly caPem: string;
}

/** Which client classes an official client may import. */
export interface DriverPolicy {
  /** Prefixes of Python class paths. @default [] */
  readonly allow?: readonly string[];
  /** @default false */
  readonly unsafe?: boolean;
}

/** A ClientConfig. */
export function clientConfig(
  controller: ControllerAddress,
  identity: Identity,
  { allow = [], unsafe = false }: DriverPolicy = {},
): string {
  return stringify({ ...common("ClientConfig", controller, identity), drivers: { allow, unsafe } });
}

/**
 * An ExporterConfig.
 * @param exports the text under `export:`, or its value
 * @param extra more top-level keys, such as `hooks`
 */
export function exporterConfig(
  controller: ControllerAddress,
  identity: Identity,
  exports: string | Record<string, unknown>,
  extra: Record<string, unknown> = {},
): string {
  const tree = typeof exports === "string" ? parse(exports) : exports;
  const config = { ...common("ExporterConfig", controller, identity), ...extra, export: tree };
  // The official exporter reads YAML 1.1, in which an unquoted key `on` is a boolean.
  return stringify(config, { version: "1.1" });
}

function common(kind: string, { endpoint, caPem }: ControllerAddress, identity: Identity) {
  const { namespace, name, token } = identity;
  return {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind,
    metadata: { namespace, name },
    endpoint,
    tls: { ca: Buffer.from(caPem).toString("base64") },
    token,
  };
}
