/** Storages, and mocks of a flasher and a storage mux. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";
import { storage } from "./config.ts";
import { FLASHER_METHODS, MUX_METHODS, STORAGE_METHODS } from "./method_texts.ts";

/** The storage driver of the official package, for the schemes fs, memory and http. */
export const opendal = declareDriver({
  type: "jumpstarter_driver_opendal.driver.Opendal",
  client: "jumpstarter_driver_opendal.client.OpendalClient",
  summary: "a storage that clients use file by file: a folder, memory or a web server",
  config: storage,
  methods: STORAGE_METHODS,
  load: () => import("./opendal.ts"),
});

const nothing = z.strictObject({});

/** Keeps the image of each partition until the lease ends. */
export const mockFlasher = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockFlasher",
  client: "jumpstarter_driver_opendal.client.FlasherClient",
  summary: "a flasher without hardware, which keeps the image of each partition",
  config: nothing,
  methods: FLASHER_METHODS,
  load: () => import("./mock_flasher.ts"),
});

/** Keeps the written image until the lease ends. */
export const mockStorageMux = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMux",
  client: "jumpstarter_driver_opendal.client.StorageMuxClient",
  summary: "a card between host and board without hardware, which keeps one image",
  config: nothing,
  methods: MUX_METHODS,
  load: () => import("./mock_mux.ts"),
});

/** The same mux, with a client that can flash and dump. */
export const mockStorageMuxFlasher = declareDriver({
  type: "jumpstarter_driver_opendal.driver.MockStorageMuxFlasher",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  summary: "the same card, with a client that flashes and dumps in one command",
  config: nothing,
  methods: MUX_METHODS,
  load: () => import("./mock_mux.ts"),
});
