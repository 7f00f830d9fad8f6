/** The drivers in this binary: exactly this list. @module */
import type { DriverFactory } from "../src/driver/mod.ts";
import { composite } from "./composite/composite.ts";
import { pyserial } from "./pyserial/driver.ts";
import { networkFactories } from "./network/mod.ts";
import { opendalFactories } from "./opendal/mod.ts";
import { mockPower, syncMockPower } from "./power/mock.ts";
import { sdwire } from "./sdwire/sdwire.ts";
import { ykush } from "./yepkit/ykush.ts";

/** Every built-in driver. A test finds a folder that is missing here. */
export const factories: readonly DriverFactory[] = [
  composite,
  mockPower,
  syncMockPower,
  ...networkFactories,
  ...opendalFactories,
  pyserial,
  sdwire,
  ykush,
];
