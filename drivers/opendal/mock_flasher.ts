/** A flasher without hardware, for trials and tests. @module */
import {
  type Methods,
  type OpenContext,
  resourceHandle,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { folderFor, give, store } from "./mock_image.ts";

const target = z.string().nullish();

/** Opens a folder for the images of the lease. */
export function open(context: OpenContext<unknown>): Methods {
  const folder = folderFor(context);
  const { log } = context;
  // The client chooses the name of a partition, so it must not act as a path.
  const file = (partition: string | null | undefined) =>
    `${folder}/${encodeURIComponent(partition ?? "default").replaceAll(".", "%2E")}`;
  return {
    calls: {
      flash: withArgs(
        [resourceHandle, target],
        ([image, partition], { resources }) => store(image, file(partition), { resources, log }),
      ),
      dump: withArgs(
        [resourceHandle, target],
        ([image, partition], { resources }) => give(image, file(partition), resources),
      ),
    },
  };
}
