/** Names the exporter that a local socket belongs to. @module */
import { resolve } from "node:path";
import type { ExporterConfig } from "../../config/exporter_config.ts";
import type { LocalIdentity } from "../../wire/local.ts";

/** The name of an exporter and the absolute path of its config, without symbolic links. */
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
