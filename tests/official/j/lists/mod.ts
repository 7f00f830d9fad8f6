/** All that is compared, in the order of the table. @module */
import type { Family } from "../cases.ts";
import { composite } from "./composite.ts";
import { power } from "./power.ts";
import { shells } from "./shell.ts";

/** The kinds of drivers. */
export const families: readonly Family[] = [power, composite, shells];
