/** Errors and warnings about a config file, with their positions. @module */
import { hideWords } from "../../text/secrets.ts";
import type { YamlDocument } from "./document.ts";
import { pathText, type Position, type YamlPath } from "./position.ts";

/** An error or a warning about a config file. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** What an error makes unusable; the rest of the config can be used. */
  readonly scope: Scope;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Dotted YAML path; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** The whole file, the connection to the controller, or one entry of `export:`. */
export type Scope = "file" | "controller" | "entry";

/** `exporter.yaml:14:3: error: export.storage: …`, as compilers write it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, path, message } = diagnostic;
  return `${file}:${line}:${column}: ${severity}: ${path && `${path}: `}${message}`;
}

/** The file that diagnostics are about. */
interface Source {
  readonly file: string;
  readonly document: YamlDocument;
  /** Words that are hidden in messages. */
  readonly secrets?: readonly string[];
}

/** How a {@linkcode Findings} reports errors. */
interface Reporting {
  readonly scope: Scope;
  /** Makes warnings of errors, which say this consequence. */
  readonly tolerated?: string;
}

/** What the findings of one file share. */
interface Collected {
  readonly all: Diagnostic[];
  /** The causes of other diagnostics in the same lines, by line. */
  readonly causes: Map<number, Diagnostic>;
}

/** Collects diagnostics of one file. */
export class Findings {
  readonly #source: Source;
  readonly #reporting: Reporting;
  readonly #collected: Collected;
  readonly #errors: Diagnostic[] = [];

  constructor(
    source: Source,
    reporting: Reporting = { scope: "file" },
    collected: Collected = { all: [], causes: new Map() },
  ) {
    this.#source = source;
    this.#reporting = reporting;
    this.#collected = collected;
  }

  /** Collects in the same list, with a `problem` of its own. */
  within(scope: Scope): Findings {
    return this.#with({ scope });
  }

  /** Collects errors as warnings that add their consequence: `it is ignored`. */
  tolerating(consequence: string): Findings {
    return this.#with({ ...this.#reporting, tolerated: consequence });
  }

  #with(reporting: Reporting): Findings {
    return new Findings(this.#source, reporting, this.#collected);
  }

  /** An error at the value of `path`, or at its key. */
  error(path: YamlPath, message: string, at: "value" | "key" = "value"): void {
    const { tolerated } = this.#reporting;
    if (tolerated !== undefined) return this.warning(path, `${message} (${tolerated})`, at);
    this.add("error", this.#source.document[at](path), pathText(path), message);
  }

  /** A warning at the value of `path`, or at its key. */
  warning(path: YamlPath, message: string, at: "value" | "key" = "value"): void {
    this.add("warning", this.#source.document[at](path), pathText(path), message);
  }

  /** A diagnostic at a position instead of a path. */
  add(severity: Diagnostic["severity"], at: Position, path: string, message: string): void {
    const diagnostic = this.#diagnostic(severity, at, path, message);
    this.#collected.all.push(diagnostic);
    if (severity === "error") this.#errors.push(diagnostic);
  }

  /**
   * An error because of which other diagnostics in its line are misleading, so that they are left
   * out, as in the `others` that it names. It makes nothing unusable by itself.
   */
  cause(at: Position, path: string, message: string, others: readonly number[] = []): void {
    const { all, causes } = this.#collected;
    if (causes.has(at.line)) return;
    const diagnostic = this.within("entry").#diagnostic("error", at, path, message);
    all.push(diagnostic);
    for (const line of [at.line, ...others]) causes.set(line, diagnostic);
  }

  #diagnostic(
    severity: Diagnostic["severity"],
    at: Position,
    path: string,
    message: string,
  ): Diagnostic {
    const { file, secrets = [] } = this.#source;
    const hidden = (text: string) => hideWords(text, secrets);
    const texts = { path: hidden(path), message: hidden(message) };
    const { scope } = this.#reporting;
    return { severity, scope, file, ...at, ...texts };
  }

  /** The first error that this object has collected itself, or the cause of it. */
  get problem(): Diagnostic | undefined {
    const [first] = this.#errors;
    return first && (this.#collected.causes.get(first.line) ?? first);
  }

  /** All that say something of their own, in the order of the file. */
  sorted(): Diagnostic[] {
    const { all } = this.#collected;
    const errors = new Set(all.filter(({ severity }) => severity === "error").map(placeOf));
    return all.filter((one) => !this.#isConsequence(one, errors))
      .toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** Whether a diagnostic has its cause in the same line, or a reading of a number is refused. */
  #isConsequence(one: Diagnostic, errors: ReadonlySet<string>): boolean {
    const cause = this.#collected.causes.get(one.line);
    const isReading = one.severity === "warning" && one.path === "";
    if (cause && cause !== one) return one.severity === "warning" || one.scope !== "file";
    return isReading && errors.has(placeOf(one));
  }
}

function placeOf({ line, column }: Position): string {
  return `${line}:${column}`;
}
