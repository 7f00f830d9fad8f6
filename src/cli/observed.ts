/** Runs exporters, with their state as the status of the service. @module */
import type { ExporterStore } from "../exporter/store.ts";
import { releaseMemoryWhenIdle } from "../observe/idle_memory.ts";
import { showStatus } from "../observe/status_line.ts";
import type { ProcessOwner, Resident } from "../process/owner.ts";

/** A resident that exposes the state of its exporter. */
export interface ObservableResident extends Resident {
  readonly store: ExporterStore;
}

/** Runs residents, sends their state to the service manager as the status, and spares memory. */
export async function runObserved(
  owner: ProcessOwner,
  residents: readonly ObservableResident[],
): Promise<number> {
  const stores = residents.map(({ store }) => store);
  using _status = showStatus(stores, (line) => owner.service.status(line));
  using _memory = releaseMemoryWhenIdle(stores);
  return await owner.run(residents);
}
