/** `jmp check`: validates configs and checks that their hardware is present. @module */
import { Command } from "commander";
import { missingToken } from "../config/controller_requirements.ts";
import { withEmptiness } from "../config/empty.ts";
import { type Diagnostic, formatDiagnostic } from "../config/yaml/diagnostics.ts";
import { formatOnce, lineOf } from "../config/yaml/repeats.ts";
import type { DriverTree } from "../tree/driver_tree.ts";
import type { TreeNode } from "../tree/node.ts";
import { type DriverProblem, examine } from "../exporter/examine.ts";
import type { Log } from "../log/log.ts";
import { printable, printableJson, printableLines } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";
import { messageOf } from "../wire/error.ts";
import { clientInstall, clientPackages } from "./client_packages.ts";
import { CliError, openLog, print, printError } from "./common.ts";
import { type AvailableDrivers, availableDrivers, findByName, readExporter } from "./configs.ts";
import { distrustedFiles } from "./config_trust.ts";
import { environment } from "./environment.ts";
import type { Finish } from "./finish.ts";

interface CheckOptions {
  readonly exporter?: string;
  readonly json?: boolean;
}

/** A line of the table. */
interface Row {
  /** Names from the root, joined by dots. */
  readonly driver: string;
  readonly type: string;
  readonly state: DriverProblem["state"] | "ok";
  readonly message?: string;
  readonly candidates?: readonly string[];
}

/** The outcome for one config. */
interface Report {
  readonly file: string;
  /** Whether the config can be used at all. */
  readonly valid: boolean;
  readonly diagnostics: readonly string[];
  /** The same, apart from a file that cannot be read; not part of the JSON document. */
  readonly found: readonly Diagnostic[];
  /** How many of the diagnostics are errors; those about one driver leave the others usable. */
  readonly errors: number;
  /** Why other users can change the config or its token. */
  readonly distrusted: readonly string[];
  readonly drivers: readonly Row[];
  /** The packages of the Python classes that clients of the config need. */
  readonly clientPackages: readonly string[];
}

/** Longest probe of a driver, in ms; longer than at start, as only a person waits for it. */
const PROBES = { probeTimeoutMs: 30_000, hostedTimeoutMs: 120_000 };

/** Validates configs and probes the hardware that they name, without disturbing it. */
export function checkCommand(finish: Finish): Command {
  const command = new Command("check")
    .description("validate configs, and check that their hardware is present and accessible")
    .argument("[files...]", "exporter configs by path")
    .option(
      "--exporter <name>",
      "exporter config by name, from the folder of the user or of the system",
    )
    .option("--json", "print one JSON document");
  return command.action(async (files: string[], options: CheckOptions) => {
    finish(await check(files, options, openLog(command)));
  });
}

/** @returns 0 when every config is valid and its drivers are ready, else 1. */
async function check(files: string[], { exporter, json }: CheckOptions, log: Log): Promise<number> {
  const env = environment();
  const named = exporter === undefined ? [] : [await findByName(exporter, env)];
  const all = [...named, ...files];
  if (all.length === 0) throw new CliError("which config? FILE or --exporter NAME");
  await using drivers = availableDrivers(log);
  const reports: Report[] = [];
  for (const file of all) reports.push(await inspect(file, drivers, log));
  if (json) print(printableJson(reports.map(({ found: _, ...report }) => report), 2));
  else reports.forEach(show);
  return reports.every(isRight) ? 0 : 1;
}

function isRight({ valid, errors, distrusted, drivers }: Report): boolean {
  const isClean = valid && errors === 0 && distrusted.length === 0;
  return isClean && drivers.length > 0 && drivers.every(({ state }) => state === "ok");
}

async function inspect(file: string, drivers: AvailableDrivers, log: Log): Promise<Report> {
  try {
    const parsed = await readExporter(file, drivers);
    const { config } = parsed;
    const rows = config ? await survey(config.tree, log) : [];
    const found = [...withEmptiness(parsed), ...(config ? missingToken(config) : [])];
    const said = found.map((diagnostic) => redacted(formatDiagnostic(diagnostic)));
    return {
      file,
      valid: config !== undefined,
      diagnostics: said,
      found,
      errors: found.filter(({ severity }) => severity === "error").length,
      distrusted: config ? distrustedFiles(config, environment()).map(redacted) : [],
      drivers: rows,
      // After the survey, since only then the drivers that other processes make are known.
      clientPackages: config && rows.length > 0 ? clientPackages(config.tree.root) : [],
    };
  } catch (error) {
    return {
      file,
      valid: false,
      diagnostics: [redacted(messageOf(error))],
      found: [],
      errors: 1,
      distrusted: [],
      drivers: [],
      clientPackages: [],
    };
  }
}

/** Returns a row for each driver, in the order of the file. */
async function survey(tree: DriverTree, log: Log): Promise<Row[]> {
  const problems = new Map<string, DriverProblem>();
  for (const problem of await examine(tree, { ...PROBES, open: false, log })) {
    problems.set(problem.path, problem);
  }
  return [...rows(tree.root.children, problems)];
}

function* rows(
  nodes: readonly TreeNode[],
  problems: ReadonlyMap<string, DriverProblem>,
): Generator<Row> {
  for (const node of nodes) {
    const target = node.kind === "proxy" ? node.target : node;
    const type = typeText(node);
    yield { driver: node.path, type, ...outcome(problems.get(target.path)) };
    if (node.kind === "driver") yield* rows(node.children, problems);
  }
}

function typeText(node: TreeNode): string {
  if (node.kind === "proxy") return `ref: ${node.target.path}`;
  const { source, type } = node;
  return "kind" in source && source.kind === "pending" ? `ref: ${source.ref}` : type;
}

function outcome(problem: DriverProblem | undefined): Omit<Row, "driver" | "type"> {
  if (!problem) return { state: "ok" };
  const { state, message, candidates } = problem;
  return { state, message: redacted(message), ...(candidates.length > 0 && { candidates }) };
}

function show(report: Report): void {
  const { file, valid, diagnostics, found, errors, distrusted, drivers, clientPackages } = report;
  const said = found.length > 0 ? formatOnce(found).map(redacted) : diagnostics;
  [...said, ...distrusted].forEach(printError);
  const verdict = valid ? (errors > 0 ? "usable, with errors" : "valid") : "cannot be used";
  print(`${printable(file)}: ${verdict}`);
  const width = (texts: string[]) => Math.max(0, ...texts.map((text) => text.length));
  const rows = drivers.map((row) => ({
    ...row,
    driver: printable(row.driver),
    type: printable(shortType(row.type)),
  }));
  const names = width(rows.map(({ driver }) => driver));
  const types = width(rows.map(({ type }) => type));
  for (const { driver, type, state, message, candidates = [] } of rows) {
    print(`  ${driver.padEnd(names)}  ${type.padEnd(types)}  ${state}`);
    const line = message === undefined ? undefined : lineOf(message, found);
    if (line !== undefined) print(`      see line ${line}, above`);
    else if (message !== undefined) print(`      ${printableLines(message)}`);
    for (const candidate of candidates) print(`      - ${printable(candidate)}`);
  }
  if (drivers.length > 0) {
    print(`  Clients of this config need: ${printable(clientInstall(clientPackages))}`);
  }
}

/** Shortens an official type to its class: the package is long, and the config shows it. */
function shortType(type: string): string {
  return type.startsWith("jumpstarter_") ? type.split(".").at(-1)! : type;
}
