/** Storages, and mocks of a flasher and a storage mux. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { storage } from "./config.ts";

/** The storage driver of the official package, for the schemes fs, memory and http. */
export const opendal = declareDriver({
  type: "jumpstarter_driver_opendal.driver.Opendal",
  client: "jumpstarter_driver_opendal.client.OpendalClient",
  config: storage,
  load: () => import("./opendal.ts"),
});

const nothing = z.strictObject({});

/** Keeps the image of each partition until the lease ends. */
export const mockFlasher = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockFlasher",
  client: "jumpstarter_driver_opendal.client.FlasherClient",
  config: nothing,
  load: () => import("./mock_flasher.ts"),
});

/** Keeps the written image until the lease ends. */
export const mockStorageMux = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMux",
  client: "jumpstarter_driver_opendal.client.StorageMuxClient",
  config: nothing,
  load: () => import("./mock_mux.ts"),
});

/** The same mux, with a client that can flash and dump. */
export const mockStorageMuxFlasher = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMuxFlasher",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config: nothing,
  load: () => import("./mock_mux.ts"),
});
