/** The uuids of drivers: the same at registration, in every lease and after a restart. @module */
import { createHash } from "node:crypto";

/** The identity of an exporter, from which its uuids are derived. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
}

/** RFC 9562 §5.5, in a namespace of our own. */
const UUID_NAMESPACE = "6f3d7b0a-2a55-5c1e-9a39-5d4e8f0b7c21";

/** The stable uuid of the driver at `path` of the exporter `identity`. */
export function driverUuid(identity: Identity, path: string): string {
  return uuidV5(`${identity.namespace}/${identity.name}/${path}`);
}

function uuidV5(name: string): string {
  const namespace = Uint8Array.from(
    UUID_NAMESPACE.replaceAll("-", "").match(/../g)!,
    (hex) => parseInt(hex, 16),
  );
  const hash = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join("-");
}
