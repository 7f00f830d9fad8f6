/** A serial port: a device of this host, a console server's TCP port, or a loop. @module */
import {
  type CallContext,
  defineDriver,
  messageOf,
  type OpenContext,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { createBackend } from "./backend.ts";
import { checkPort } from "./binding.ts";
import type { Channel } from "./channel.ts";
import { serialPorts, stableName } from "./ports.ts";
import { findPort, type Search } from "./search.ts";
import { parseUrl } from "./url.ts";

const config = z.strictObject({
  url: z.string().superRefine((url, context) => {
    try {
      parseUrl(url);
    } catch (error) {
      context.addIssue({ code: "custom", message: messageOf(error) });
    }
  }),
  baudrate: z.int().positive().default(115200),
  check_present: z.boolean().default(true),
  cps: z.number().nullable().default(null),
  disable_hupcl: z.boolean().default(false),
});

/** Length of a break in seconds; pyserial's default. */
const BREAK_S = z.number().positive().max(5).nullish().transform((seconds) => seconds ?? 0.25);

type Config = z.output<typeof config>;

/** Opens the device when a client connects, and closes it when the last one leaves. */
export const pyserial = defineDriver({
  type: "jumpstarter_driver_pyserial.driver.PySerial",
  client: "jumpstarter_driver_pyserial.client.PySerialClient",
  config,
  async probe({ config: { url, check_present } }) {
    const target = parseUrl(url);
    if (!check_present) return;
    if (target.kind === "tty") await checkPort(target.path);
    if (target.kind === "search") await checkSearch(target.search);
  },
  async discover() {
    const ports = (await serialPorts()).filter(({ usb }) => usb);
    return await Promise.all(ports.map(async ({ device, description, hwid }) => ({
      device: `${device}: ${description}, ${hwid}`,
      name: "serial",
      config: { url: await stableName(device) },
    })));
  },
  open(context: OpenContext<Config>) {
    const { config: { url, baudrate, disable_hupcl }, log } = context;
    const backend = createBackend({ url, baudRate: baudrate, disableHupcl: disable_hupcl, log });
    context.scope.defer(() => backend.dispose());
    return {
      calls: {
        close: () => backend.close(),
        set_dtr: withArgs([z.boolean()], ([dtr]) => backend.setLines({ dtr })),
        set_rts: withArgs([z.boolean()], ([rts]) => backend.setLines({ rts })),
        send_break: withArgs([BREAK_S], ([seconds]) => backend.sendBreak(seconds)),
      },
      bytes: {
        connect: connector(context, (call) => backend.connect(context.config, call.signal)),
      },
    };
  },
});

async function checkSearch(search: Search): Promise<void> {
  const { device, problem } = await findPort(search);
  await checkPort(device);
  if (problem) throw problem;
}

/** Connects clients, and sees to it that none of their streams outlives the lease. */
function connector(
  { config: { url, baudrate, cps }, log, scope }: OpenContext<Config>,
  connect: (call: CallContext) => Promise<Channel>,
): (call: CallContext) => Promise<Channel> {
  const channels = new Set<Channel>();
  scope.defer(() => channels.forEach((channel) => channel.abandon()));
  return async (call) => {
    log.info(`Connecting to ${url} at ${baudrate} baud${cps === null ? "" : `, ${cps} bytes/s`}`);
    const channel = await connect(call);
    channels.add(channel);
    if (scope.disposed) channel.abandon();
    channel.once("close", () => {
      channels.delete(channel);
      log.info(`Disconnected from ${url}`);
    });
    return channel;
  };
}
