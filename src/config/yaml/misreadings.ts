/** Reports keys and values that hold something else than they seem to. @module */
import { type Document, isScalar, type Scalar, visit } from "yaml";
import { findLookalike, type OddCharacter } from "./characters.ts";
import type { Findings } from "./diagnostics.ts";
import type { YamlDocument } from "./document.ts";

/** Keys of prose, in which such characters may be meant. */
const PROSE = ["description", "motd", "script", "methods_description"];

/**
 * Reports lookalike characters and missing blanks in keys, and in values of one word. The official
 * exporter starts with them, and ignores the key or fails later.
 */
export function reportMisreadings(document: YamlDocument, text: string, findings: Findings): void {
  visit(document.ast as Document, {
    Pair(_, pair) {
      if (isScalar(pair.key)) {
        const key = written(pair.key, text);
        report(pair.key, findLookalike(key) ?? findJoined(key));
      }
      if (PROSE.includes(document.keyText(pair.key))) return visit.SKIP;
      return undefined;
    },
    Scalar(key, scalar) {
      if (key !== "key") report(scalar, inValue(written(scalar, text)));
    },
  });

  function report({ range }: Scalar, odd: OddCharacter | undefined): void {
    if (odd) findings.cause(document.at((range?.[0] ?? 0) + odd.offset), "", odd.message);
  }
}

function written({ range }: Scalar, text: string): string {
  return range ? text.slice(range[0], range[1]) : "";
}

/** A key that holds its value, because there is no blank after its colon. */
function findJoined(key: string): OddCharacter | undefined {
  const [start, name] = /^([\w-]+):(?=["'{[]|[A-Za-z]\w*\.)/.exec(key) ?? [];
  return start === undefined ? undefined : {
    offset: start.length,
    message: `expected a space after '${name}:', found none; write '${name}: …'`,
  };
}

/** In a value of several words, only a blank that follows a key or a quote around it are mistakes. */
function inValue(value: string): OddCharacter | undefined {
  if (/^[|>]/.test(value)) return undefined;
  if (!/[ \t\n]/.test(value)) return findLookalike(value);
  const misread = /^(?:[\w-]+:\p{Zs}|[\u201c\u201e\u2018])/u.exec(value)?.[0];
  return misread === undefined || misread.endsWith(" ") ? undefined : findLookalike(value);
}
