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
  script: z.string().describe("commands of a shell, or the path of a script"),
  exec: z.string().nullish().describe("interpreter of the script, such as /bin/bash"),
  timeout: laxInteger().default(120).describe("seconds until the hook is ended"),
  onFailure: z.enum(FAILURE_POLICIES).optional()
    .describe(
      "what happens if the hook fails: nothing more (warn), or the end of the lease or of the exporter",
    ),
  on_failure: z.enum(FAILURE_POLICIES).optional().describe("another spelling of onFailure"),
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
    namespace: z.string().nullish().describe("namespace of the exporter in the cluster"),
    name: z.string().nullish().describe("name of the exporter"),
  }).nullish().describe("the exporter's identity at the controller"),
  endpoint: endpoint.nullish().describe("address of the controller, host:port"),
  tls: z.object({
    ca: certificates.optional()
      .describe("certificates that are trusted, as the base64 of a PEM file"),
    insecure: laxBoolean.default(false)
      .describe("whether the controller's certificate is not verified"),
  }).default({ insecure: false }).describe("how the controller is verified"),
  token: token.nullish().describe("the exporter's token"),
  tokenFile: z.string().nullish().describe("path of a file with the token"),
  description: z.string().nullish().describe("text about the exporter, for clients"),
  motd: z.string().nullish().describe("message that clients see when they connect"),
  hooks: z.object({
    beforeLease: hook.nullish().describe("runs before a client may use the drivers"),
    before_lease: hook.nullish().describe("another spelling of beforeLease"),
    afterLease: hook.nullish().describe("runs after the client of a lease has left"),
    after_lease: hook.nullish().describe("another spelling of afterLease"),
  }).default({}).describe("scripts that run at the beginning and the end of a lease"),
  failureDetection: z.object({
    maxRapidFailures: laxInteger().optional(),
    max_rapid_failures: laxInteger().optional(),
    rapidFailureWindow: laxInteger().optional(),
    rapid_failure_window: laxInteger().optional(),
  }).default({}).describe("limits of the official exporter's restarts; without effect here"),
  exitOnLeaseEnd: laxBoolean.default(false)
    .describe("whether the exporter ends after a lease, so that a service manager starts it anew"),
  /** Not a key of the official exporter. */
  python: z.string().nullish()
    .describe("folder or interpreter of the Python environment whose drivers are hosted"),
  grpcOptions: channelArguments.nullish().describe(
    "gRPC options of the connection to the controller",
  ),
  grpcConfig: channelArguments.nullish().describe("another name of grpcOptions, which wins"),
});

/** The fields that only an exporter with a controller needs. */
export const CONTROLLER_FIELDS = ["endpoint", "tls", "token"] as const;

/** The fields that the official exporter 0.9.0 ignores. */
export const IGNORED_FIELDS = [
  "motd",
  "tokenFile",
  "exitOnLeaseEnd",
  "grpcConfig",
  "python",
] as const;

/** @see fields */
export type Fields = z.output<typeof fields>;
/** @see fields */
export type HookFields = z.output<typeof hook>;
