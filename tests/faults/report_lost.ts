/** A status report is lost at the end of a lease: it fails, or its answer does not come. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { Code, RpcError } from "../controller/rpc_error.ts";
import type { Fault } from "./fault.ts";
import { Lab } from "./lab.ts";

interface Loss {
  readonly what: string;
  readonly lose: (lab: Lab) => void;
}

const LOSSES: readonly Loss[] = [
  { what: "fails", lose: ({ controller }) => fail(controller, Code.UNKNOWN, "etcd timed out", 3) },
  {
    what: "fails for want of a connection",
    lose: ({ controller }) => fail(controller, Code.UNAVAILABLE, "no connection", 2),
  },
  {
    what: "fails for want of time",
    lose: ({ controller }) => fail(controller, Code.DEADLINE_EXCEEDED, "too late", 2),
  },
  {
    what: "is cut off before it arrives",
    lose: ({ controller }) => {
      controller.faults.delay("ReportStatus", 200);
      controller.next("ReportStatus", isAvailable).then(() => controller.front.cut());
    },
  },
  {
    // The exporter cannot see that the controller forgot an acknowledged report; it repeats it with
    // the next Status stream, as after a restart of the controller.
    what: "is acknowledged and forgotten",
    lose: ({ controller }) => {
      controller.faults.drop("ReportStatus");
      controller.next("ReportStatus", isAvailable).then(() => controller.endStreams("Status"));
    },
  },
];

const HANGS: Loss = {
  what: "is never answered",
  lose: ({ controller }) => controller.faults.hang("ReportStatus"),
};

/** @see Fault */
export const reportLost: Fault = {
  name: "report-lost",
  async run(bench) {
    await using lab = await Lab.start();
    await using client = await lab.official();
    await lab.leaseWorks();
    const before = await lab.footprint();
    for (const { what, lose } of bench.quick ? LOSSES : [...LOSSES, HANGS]) {
      await client.lease();
      await client.works();
      // Otherwise `next` would return a report that came earlier.
      const { length } = lab.controller.calls;
      await lab.controller.next(
        "ReportStatus",
        (_, { index }) => index === lastReport(lab, length),
      );
      bench.inject(`AVAILABLE ${what}`);
      lose(lab);
      await client.release();
      await bench.recovery(() => lab.available(60_000), 60_000);
      lab.controller.faults.clear();
    }
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
  },
};

function fail(controller: Lab["controller"], code: Code, text: string, times: number): void {
  controller.faults.fail("ReportStatus", new RpcError(code, text), times);
}

function isAvailable({ status }: { status: ExporterStatus }): boolean {
  return status === ExporterStatus.EXPORTER_STATUS_AVAILABLE;
}

function lastReport({ controller }: Lab, length: number): number {
  return controller.calls.slice(0, length).findLast(({ method }) => method === "ReportStatus")!
    .index;
}
