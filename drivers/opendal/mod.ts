/** The drivers of this family. @module */
import { mockFlasher, mockStorageMux, mockStorageMuxFlasher } from "./mock.ts";
import { opendal } from "./opendal.ts";

/** Storages, and what stands for a flasher or a storage mux in tests. */
export const opendalFactories = [opendal, mockFlasher, mockStorageMux, mockStorageMuxFlasher];
