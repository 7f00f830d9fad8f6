/** The config of a storage. @module */
import { z } from "../../src/driver/mod.ts";
import { KEYS, schemeOf } from "./scheme.ts";

/** The keys and values below `config:`. */
export const storage = z.strictObject({
  scheme: z.string(),
  kwargs: z.record(z.string(), z.string()),
  remove_created_on_close: z.boolean().default(false),
}).superRefine(({ scheme, kwargs }, context) => {
  const [needed] = KEYS[schemeOf(scheme)] ?? [];
  if (needed === undefined || kwargs[needed]) return;
  context.addIssue({
    code: "custom",
    path: ["kwargs"],
    message: `scheme '${scheme}' requires '${needed}'; add it`,
  });
});

/** @see storage */
export type StorageConfig = z.output<typeof storage>;
