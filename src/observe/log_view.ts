/** Logs the changes of an exporter's state. @module */
import type { ControllerLink, ExporterState, HeldLease } from "../exporter/state.ts";
import type { ExporterStore } from "../exporter/store.ts";
import type { Log } from "../log/log.ts";

/** Logs the changes of `store` until disposed. */
export function logChanges(store: ExporterStore, log: Log): Disposable {
  const { name, controller } = store.state;
  const named = log.child({ exporter: name });
  if (controller) named.info(`Registering at ${controller.endpoint}`);
  return store.subscribe((state, former) => logChange(named, state, former));
}

function logChange(log: Log, state: ExporterState, former: ExporterState): void {
  if (state.controller !== former.controller) logController(log, state, former.controller);
  if (state.lease !== former.lease) logLease(log, state.lease, former.lease);
}

function logController(log: Log, state: ExporterState, former: ControllerLink | undefined): void {
  const isRegistered = state.controller?.registered === true;
  const wasRegistered = former?.registered === true;
  if (isRegistered && !wasRegistered) log.info(`Registered as ${state.namespace}/${state.name}`);
  if (wasRegistered && !isRegistered) log.info("Unregistered");
}

function logLease(log: Log, lease: HeldLease | undefined, former: HeldLease | undefined): void {
  if (former && former.name !== lease?.name) contextOf(log, former).info("The lease is over");
  // The log of the lease reports a transfer, so that its clients read it as well.
  const isTransfer = former?.name === lease?.name && former?.client !== "";
  if (!lease || isTransfer) return;
  contextOf(log, lease).info(lease.client ? `Leased by ${lease.client}` : "Leased");
}

function contextOf(log: Log, { name, client }: HeldLease): Log {
  return log.child({ lease: name, ...(client && { client }) });
}
