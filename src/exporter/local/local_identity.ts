/** Which exporter a local socket belongs to. @module */
import { resolve } from "node:path";
import type { ExporterConfig } from "../../config/exporter_config.ts";
import type { LocalIdentity } from "../../wire/local.ts";

/** The exporter of a config, and where that is. */
export function localIdentity({ identity, file }: ExporterConfig): LocalIdentity {
  const { namespace, name } = identity;
  return { namespace, name, file: realPath(resolve(file)) };
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
