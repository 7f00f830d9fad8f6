/** A driver that writes images to a device, as a mux for cards does. @module */
import {
  type CallContext,
  defineDriver,
  resourceHandle,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { readImage, writeImage } from "../../src/hardware/storage/mod.ts";

/** The name of the driver in configs. */
export const FLASHER = "fault_test.Flasher";

/** @see writeImage */
export const flasher = defineDriver({
  type: FLASHER,
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config: z.strictObject({ device: z.string(), allow_empty: z.boolean().default(false) }),
  open({ config: { device: path, allow_empty: allowEmpty }, log }) {
    const media = ({ signal }: CallContext) => ({
      ...{ path, log, signal },
      ...{ allowEmpty, emptyKey: "allow_empty" },
    });
    return {
      calls: {
        host: () => {},
        dut: () => {},
        off: () => {},
        write: withArgs([resourceHandle], async ([handle], call) => {
          await writeImage(await call.resources.read(handle), media(call));
        }),
        read: withArgs([resourceHandle], async ([handle], call) => {
          await call.resources.write(handle, readImage(media(call)));
        }),
      },
    };
  },
});
