/** A stream that answers with what it is told, for tests. @module */
import { PassThrough } from "node:stream";
import { defineDriver, z } from "../../src/driver/mod.ts";
import { streamKeeper } from "./connect.ts";

/** Chunks between a client's sending and its receiving, as in the official driver. */
const BUFFERED_CHUNKS = 32;

/** Sends every chunk back as it came, and the end as an end. */
export const echoNetwork = defineDriver({
  type: "jumpstarter_driver_network.driver.EchoNetwork",
  client: "jumpstarter_driver_network.client.NetworkClient",
  config: z.strictObject({}),
  open({ scope }) {
    const keep = streamKeeper(scope);
    return { bytes: { connect: () => keep(echo()) } };
  },
});

/** In object mode, since a byte stream would join chunks and drop empty ones. */
function echo(): PassThrough {
  return new PassThrough({ objectMode: true, highWaterMark: BUFFERED_CHUNKS / 2 });
}
