/** All that is compared, in the order of the table. @module */
import type { Family } from "../cases.ts";
import { composite } from "./composite.ts";
import { networks } from "./network.ts";
import { storages } from "./opendal.ts";
import { power } from "./power.ts";
import { serials } from "./serial.ts";
import { shells } from "./shell.ts";
import { flashers, muxes, muxFlashers } from "./storage.ts";

/** The kinds of drivers. */
export const families: readonly Family[] = [
  power,
  serials,
  networks,
  muxes,
  muxFlashers,
  flashers,
  storages,
  shells,
  composite,
];
