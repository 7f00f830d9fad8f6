/** Groups drivers under one name. @module */
import { declareDriver, z } from "../../src/driver/mod.ts";

/** Holds `children:` and nothing else; an entry without `type:` is one, too. */
export const composite = declareDriver({
  type: "jumpstarter_driver_composite.driver.Composite",
  client: "jumpstarter_driver_composite.client.CompositeClient",
  summary: "a group of drivers under one name",
  config: z.object({}),
  methods: {},
  children: true,
  load: () => Promise.resolve({ open: () => ({}) }),
});
