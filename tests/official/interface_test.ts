import assert from "node:assert/strict";
import { BUF } from "../../scripts/gen.ts";
import { type FileSet, flatten, type Interface } from "./descriptors.ts";
import { officialClient } from "./environment.ts";
import { run } from "./process.ts";

const root = new URL("../../", import.meta.url).pathname;

/** In the official 0.9.0 only: declared there, called by nobody, and gone in later versions. */
const NOT_OURS = [
  "/jumpstarter.v1.ControllerService/AuditStream",
  "jumpstarter.v1.AuditStreamRequest.driver_instance_uuid",
  "jumpstarter.v1.AuditStreamRequest.exporter_uuid",
  "jumpstarter.v1.AuditStreamRequest.message",
  "jumpstarter.v1.AuditStreamRequest.severity",
];

/** From a later version of the interface; peers of 0.9.0 ignore the fields and call no such method. */
const LATER = [
  "/jumpstarter.v1.ControllerService/GetServiceEndpoints",
  "jumpstarter.client.v1.Lease.ContextEntry.key",
  "jumpstarter.client.v1.Lease.ContextEntry.value",
  "jumpstarter.client.v1.Lease.context",
  "jumpstarter.v1.GetReportResponse.motd",
  "jumpstarter.v1.GetServiceEndpointsResponse.telemetry_endpoints",
  "jumpstarter.v1.LogStreamResponse.StructuredFieldsEntry.key",
  "jumpstarter.v1.LogStreamResponse.StructuredFieldsEntry.value",
  "jumpstarter.v1.LogStreamResponse.driver_type",
  "jumpstarter.v1.LogStreamResponse.operation",
  "jumpstarter.v1.LogStreamResponse.structured_fields",
  "jumpstarter.v1.LogStreamResponse.timestamp",
  "jumpstarter.v1.StatusResponse.ContextEntry.key",
  "jumpstarter.v1.StatusResponse.ContextEntry.value",
  "jumpstarter.v1.StatusResponse.context",
  "jumpstarter.v1.TelemetryEndpoint.certificate",
  "jumpstarter.v1.TelemetryEndpoint.endpoint",
  "jumpstarter.v1.TelemetryEndpoint.min_severity",
];

Deno.test("our .proto files agree with the interface of the official 0.9.0", async () => {
  const [ours, theirs] = await Promise.all([ourInterface(), officialInterface()]);
  const both = [...ours.keys()].filter((name) => theirs.has(name));
  for (const name of both) assert.deepEqual(ours.get(name), theirs.get(name), name);
  assert.deepEqual(only(theirs, ours), NOT_OURS);
  assert.deepEqual(only(ours, theirs), LATER);
});

function only(one: Interface, other: Interface): string[] {
  return [...one.keys()].filter((name) => !other.has(name)).sort();
}

async function ourInterface(): Promise<Interface> {
  const buf = [Deno.execPath(), "run", "-A", BUF, "build", `${root}proto`, "-o", "-#format=json"];
  return flatten(await json(buf));
}

async function officialInterface(): Promise<Interface> {
  const { bin } = await officialClient();
  return flatten(await json([`${bin}/python`, `${root}tests/official/programs/descriptors.py`]));
}

async function json(argv: string[]): Promise<FileSet> {
  const { code, stdout, stderr } = await run(argv, { env: { PYTHONDONTWRITEBYTECODE: "1" } });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
