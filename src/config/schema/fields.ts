/**
 * The schema of a config's fields except `export`. Names, defaults and accepted spellings are
 * those measured with the official exporter; it lacks `tokenFile` and `grpcConfig`.
 *
 * @module
 */
import { z } from "zod";
import { laxBoolean, laxInteger } from "../../driver/lax.ts";
import { parseCertificates } from "./certificates.ts";
import { checkEndpoint } from "./endpoint.ts";
import { tokenProblem } from "./token.ts";

/** What an exporter does when a hook fails. */
const FAILURE_POLICIES = ["warn", "endLease", "exit"] as const;
/** @see FAILURE_POLICIES */
export type FailurePolicy = typeof FAILURE_POLICIES[number];

/** An address as `host:port`. */
const endpoint = z.string().transform((text, context) => {
  if (text === "") return null;
  const checked = checkEndpoint(text);
  if ("endpoint" in checked) return checked.endpoint;
  context.addIssue({ code: "custom", message: checked.problem });
  return z.NEVER;
});

/** PEM from base64; undefined for empty text. */
const certificates = z.string().transform((text, context) => {
  if (text.trim() === "") return undefined;
  const parsed = parseCertificates(text);
  if ("pem" in parsed) return parsed.pem;
  context.addIssue({ code: "custom", message: parsed.problem });
  return z.NEVER;
});

const token = z.string().transform((text, context) => {
  const trimmed = text.trim();
  const problem = trimmed === "" ? undefined : tokenProblem(trimmed);
  if (problem) context.addIssue({ code: "custom", message: problem });
  return trimmed;
});

const hook = z.object({
  script: z.string(),
  exec: z.string().nullish(),
  timeout: laxInteger().default(120),
  onFailure: z.enum(FAILURE_POLICIES).optional(),
  on_failure: z.enum(FAILURE_POLICIES).optional(),
});

const channelArguments = z.record(
  z.string(),
  z.union([
    z.string(),
    laxInteger(),
  ]),
);

/** The fields of a file except `export`. Some keys have two spellings. */
export const fields = z.object({
  apiVersion: z.literal("jumpstarter.dev/v1alpha1").default("jumpstarter.dev/v1alpha1"),
  kind: z.literal("ExporterConfig").default("ExporterConfig"),
  metadata: z.strictObject({
    namespace: z.string().nullish(),
    name: z.string().nullish(),
  }).nullish(),
  endpoint: endpoint.nullish(),
  tls: z.object({ ca: certificates.optional(), insecure: laxBoolean.default(false) })
    .default({ insecure: false }),
  token: token.nullish(),
  tokenFile: z.string().nullish(),
  description: z.string().nullish(),
  motd: z.string().nullish(),
  hooks: z.object({
    beforeLease: hook.nullish(),
    before_lease: hook.nullish(),
    afterLease: hook.nullish(),
    after_lease: hook.nullish(),
  }).default({}),
  failureDetection: z.object({
    maxRapidFailures: laxInteger().optional(),
    max_rapid_failures: laxInteger().optional(),
    rapidFailureWindow: laxInteger().optional(),
    rapid_failure_window: laxInteger().optional(),
  }).default({}),
  exitOnLeaseEnd: laxBoolean.default(false),
  /** The Python whose drivers are hosted; not a key of the official exporter. */
  python: z.string().nullish(),
  grpcOptions: channelArguments.nullish(),
  grpcConfig: channelArguments.nullish(),
});

/** The fields that only an exporter with a controller needs. */
export const CONTROLLER_FIELDS = ["endpoint", "tls", "token"] as const;

/** The fields that the official exporter 0.9.0 ignores. */
export const IGNORED_FIELDS = ["motd", "tokenFile", "exitOnLeaseEnd", "grpcConfig"] as const;

/** @see fields */
export type Fields = z.output<typeof fields>;
/** @see fields */
export type HookFields = z.output<typeof hook>;
