/** Groups drivers under one name. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";

/** Holds `children:` and nothing else; an entry without `type:` is one, too. */
export const composite = declareDriver({
  type: "jumpstarter_driver_composite.driver.Composite",
  client: "jumpstarter_driver_composite.client.CompositeClient",
  config: z.strictObject({}),
  children: true,
  load: () => Promise.resolve({ open: () => ({}) }),
});
