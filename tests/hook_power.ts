/** A hook's program: switches the power on through the hook's socket. */
import { credentials } from "@grpc/grpc-js";
import {
  type DriverCallResponse,
  type GetReportResponse,
} from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { ExporterServiceClient } from "../src/wire/grpc_js/clients.ts";

const client = new ExporterServiceClient(
  `unix:${Deno.env.get("JUMPSTARTER_HOST")}`,
  credentials.createInsecure(),
);

const { reports } = await new Promise<GetReportResponse>((resolve, reject) => {
  client.getReport({}, (error, response) => error ? reject(error) : resolve(response));
});
const { uuid } = reports.find(({ labels }) => labels["jumpstarter.dev/name"] === "power")!;
await new Promise<DriverCallResponse>((resolve, reject) => {
  const request = { uuid, method: "on", args: [] };
  client.driverCall(request, (error, response) => error ? reject(error) : resolve(response));
});
Deno.stdout.writeSync(new TextEncoder().encode("the hook is done\n"));
Deno.exit(0);
