/**
 * Changes of Exporter objects by an administrator: deletion, creation, a new credential.
 *
 * @module
 */
import { type ExporterRecord, key, newExporter } from "./records.ts";
import type { Store } from "./state.ts";
import { identityToken } from "./token.ts";

/** Options of a recreated object. */
export interface Renewal {
  /** @default a new one */
  readonly token?: string;
  /**
   * After how many milliseconds the leases of the old object are collected as garbage, since
   * it owned them; undefined where nobody does so. @default 1_000
   */
  readonly collectMs?: number | undefined;
  /** How long the new object does not refer to the lease that names it. @default 50 */
  readonly reconcileMs?: number;
}

/** Deletes the Exporter `name`; its Status streams live on, as they watch by name. */
export function deleteExporter(store: Store, namespace: string, name: string): void {
  store.exporters.delete(key(namespace, name));
  store.changed();
}

/**
 * Makes an object of the name and labels of `old`, with a uuid and a token of its own.
 * It contains nothing that the exporter registered or reported, and accepts no token of `old`.
 */
export function createAnew(
  store: Store,
  old: ExporterRecord,
  renewal: Renewal = {},
): ExporterRecord {
  const { namespace, name } = old;
  const { token = identityToken(name), reconcileMs = 50 } = renewal;
  const collectMs = "collectMs" in renewal ? renewal.collectMs : 1_000;
  const labels = Object.entries(old.labels).filter(([key]) => !key.startsWith("jumpstarter.dev/"));
  const fresh = newExporter({ namespace, name, token }, Object.fromEntries(labels));
  fresh.reconciled = false;
  store.issued.add(token);
  store.exporters.set(key(namespace, name), fresh);
  const orphans = [...store.leases].filter(([, lease]) => {
    return lease.namespace === namespace && lease.exporter === name && !lease.end;
  });
  store.changed();
  setTimeout(() => {
    fresh.reconciled = true;
    store.changed();
  }, reconcileMs);
  if (collectMs === undefined) return fresh;
  setTimeout(() => {
    for (const [id, lease] of orphans) {
      store.end(lease);
      store.leases.delete(id);
    }
    store.changed();
  }, collectMs);
  return fresh;
}
