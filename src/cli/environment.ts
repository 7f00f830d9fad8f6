/** The environment of the process, and the secrets in it that children must not inherit. @module */
import { keepSecret } from "../text/secrets.ts";

/** Variables whose values are secrets of this exporter, or of its clients. */
const SECRETS = ["JMP_TOKEN", "JMP_PASSPHRASE", "JMP_GRPC_PASSPHRASE"] as const;

let own: Readonly<Record<string, string>> | undefined;

/**
 * Returns the environment that the process was started with. The first call removes the secrets
 * from `Deno.env`, so that hooks, shells and the workers of custom drivers do not inherit them:
 * clients read what a hook prints.
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
