/** A hook's program: switches the power on through the hook's socket. */
import { connectSession } from "../src/client/connect.ts";

const path = Deno.env.get("JUMPSTARTER_HOST")!;
await using client = await connectSession({ kind: "unix", path });
const { reports } = await client.report();
const { uuid } = reports.find(({ labels }) => labels["jumpstarter.dev/name"] === "power")!;
await client.call(uuid, "on");
Deno.stdout.writeSync(new TextEncoder().encode("the hook is done\n"));
