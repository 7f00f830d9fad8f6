/** The config of a storage. @module */
import { laxBoolean, z } from "../../src/driver/mod.ts";
import { KEYS, schemeOf } from "./scheme.ts";

/** The keys and values below `config:`. */
export const storage = z.strictObject({
  scheme: z.string().describe("kind of the storage: fs, memory or http")
    .meta({ examples: ["memory"] }),
  kwargs: z.record(z.string(), z.string()).describe(
    "for fs: root; for http: endpoint, and if necessary root, username with password, or token",
  ).meta({ examples: [{}] }),
  remove_created_on_close: laxBoolean.default(false)
    .describe("with fs: whether files that clients created are removed when the lease ends"),
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
