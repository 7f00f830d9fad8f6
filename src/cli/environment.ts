/** The environment of the process, and what of it is for us alone. @module */
import { keepSecret } from "../text/secrets.ts";

/** Variables whose values are secrets of this exporter, or of its clients. */
const SECRETS = ["JMP_TOKEN", "JMP_PASSPHRASE", "JMP_GRPC_PASSPHRASE"] as const;

let own: Readonly<Record<string, string>> | undefined;

/**
 * The environment that the process was started with. The first call removes the secrets from
 * what hooks, shells and the workers of custom drivers inherit: clients read what a hook prints.
 */
export function environment(): Readonly<Record<string, string>> {
  if (own) return own;
  own = Deno.env.toObject();
  for (const name of SECRETS) {
    keepSecret(own[name]?.trim() ?? "");
    Deno.env.delete(name);
  }
  return own;
}
