/** Groups drivers under one name. @module */
import { defineDriver, z } from "../../src/driver/mod.ts";

/** Holds `children:` and nothing else; an entry without `type:` is one, too. */
export const composite = defineDriver({
  type: "jumpstarter_driver_composite.driver.Composite",
  client: "jumpstarter_driver_composite.client.CompositeClient",
  config: z.strictObject({}),
  children: true,
  open: () => ({}),
});
