/** A storage mux without hardware, for trials and tests. @module */
import { type Methods, type OpenContext, resourceHandle, withArgs } from "../../src/driver/mod.ts";
import { folderFor, give, store } from "./mock_image.ts";

/** Opens an empty storage. */
export async function open(context: OpenContext<unknown>): Promise<Methods> {
  const { log } = context;
  const file = `${folderFor(context)}/storage`;
  await Deno.writeFile(file, new Uint8Array(0));
  return {
    calls: {
      host: () => {},
      dut: () => {},
      off: () => {},
      write: withArgs(
        [resourceHandle],
        ([image], { resources }) => store(image, file, { resources, log }),
      ),
      read: withArgs([resourceHandle], ([image], { resources }) => give(image, file, resources)),
    },
  };
}
