/** Helpers of tests that read configs. @module */
import { composite } from "../../drivers/composite/manifest.ts";
import { mockPower } from "../../drivers/power/manifest.ts";
import { pyserial } from "../../drivers/pyserial/manifest.ts";
import { createRegistry } from "../driver/manifest.ts";
import { parseConfig, type ParsedConfig } from "./parse.ts";
import { formatDiagnostic } from "./yaml/diagnostics.ts";

/** A config that is right, up to its drivers. */
export const HEAD = "metadata: {namespace: lab, name: board}\nendpoint: controller.lab:443\n" +
  "token: abcdefgh\n";

/** The driver of a config that is right. */
export const POWER = "export:\n  power:\n    type: jumpstarter_driver_power.driver.MockPower\n";

const options = {
  registry: createRegistry([composite, mockPower, pyserial]),
  loader: { find: () => Promise.resolve(undefined) },
  env: {},
};

/** Parses a config named `f.yaml`. */
export async function parse(text: string): Promise<ParsedConfig> {
  return await parseConfig(text, "f.yaml", options);
}

/** What is said about a config, without the name of the file: `1:1: error: …`. */
export async function said(text: string): Promise<string[]> {
  const { diagnostics } = await parse(text);
  return diagnostics.map((one) => formatDiagnostic(one).replace(/^f\.yaml:/, ""));
}
