/** All that is compared, in the order of the table. @module */
import type { Family } from "../cases.ts";
import { power } from "./power.ts";

/** The kinds of drivers. */
export const families: readonly Family[] = [power];
