/** Errors and warnings about a config file, with their positions. @module */
import { hideWords } from "../../text/secrets.ts";
import type { YamlDocument } from "./document.ts";
import { pathText, type Position, type YamlPath } from "./position.ts";

/** An error or a warning about a config file. */
export interface Diagnostic {
  /** A config with an error cannot be used; one with warnings can. */
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Dotted YAML path; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** `exporter.yaml:14:3: error: export.storage: …`, as compilers write it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, path, message } = diagnostic;
  return `${file}:${line}:${column}: ${severity}: ${path && `${path}: `}${message}`;
}

/** Collects diagnostics of one file. */
export class Findings {
  readonly #file: string;
  readonly #document: YamlDocument;
  readonly #secrets: readonly string[];
  readonly #found: Diagnostic[] = [];

  /** @param secrets words that are hidden in messages. */
  constructor(file: string, document: YamlDocument, secrets: readonly string[] = []) {
    this.#file = file;
    this.#secrets = secrets;
    this.#document = document;
  }

  /** An error at the value of `path`, or at its key. */
  error(path: YamlPath, message: string, at: "value" | "key" = "value"): void {
    this.add("error", this.#document[at](path), pathText(path), message);
  }

  /** A warning at the value of `path`, or at its key. */
  warning(path: YamlPath, message: string, at: "value" | "key" = "value"): void {
    this.add("warning", this.#document[at](path), pathText(path), message);
  }

  /** A diagnostic at a position instead of a path. */
  add(severity: Diagnostic["severity"], at: Position, path: string, message: string): void {
    const hidden = (text: string) => hideWords(text, this.#secrets);
    const texts = { path: hidden(path), message: hidden(message) };
    this.#found.push({ severity, file: this.#file, ...at, ...texts });
  }

  get failed(): boolean {
    return this.#found.some((diagnostic) => diagnostic.severity === "error");
  }

  /** All of them, in the order of the file. */
  sorted(): Diagnostic[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
