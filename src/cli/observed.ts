/** Exporters whose state can be seen. @module */
import type { ExporterStore } from "../exporter/store.ts";
import { showStatus } from "../observe/status_line.ts";
import type { ProcessOwner, Resident } from "../process/owner.ts";

/** A resident with the state of its exporter. */
export interface ObservableResident extends Resident {
  readonly store: ExporterStore;
}

/** Runs residents, and shows the service manager what they are doing. */
export async function runObserved(
  owner: ProcessOwner,
  residents: readonly ObservableResident[],
): Promise<number> {
  const stores = residents.map(({ store }) => store);
  using _status = showStatus(stores, (line) => owner.service.status(line));
  return await owner.run(residents);
}
