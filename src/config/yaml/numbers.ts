/** Numbers to which YAML 1.1 and 1.2 give different values. @module */
import { type Document, isPair, isScalar, Scalar, visit } from "yaml";
import type { Findings } from "./diagnostics.ts";
import { readYaml11 } from "./yaml11.ts";
import type { YamlDocument } from "./document.ts";
import { isSecret } from "../../text/secret_key.ts";

/**
 * Gives numbers with leading zeros the value that the official exporter reads, because a
 * schema that gets 10 cannot tell that `010` meant 8.
 */
export function readNumbersAsOfficial(document: YamlDocument, findings: Findings): void {
  visit(document.ast as Document, {
    Scalar(key, scalar, ancestors) {
      if (key === "key" || scalar.type !== Scalar.PLAIN || typeof scalar.value !== "number") return;
      const { value } = readYaml11(scalar.source ?? "");
      if (typeof value !== "number" || Object.is(value, scalar.value)) return;
      const pair = ancestors.at(-1);
      const name = isPair(pair) && isScalar(pair.key) ? String(pair.key.value) : "";
      const message = isSecret(name)
        ? "this number is read as by the official exporter (YAML 1.1); YAML 1.2 gives it another " +
          "value: put it in quotes"
        : `${scalar.source} is read as ${value}, as by the official exporter ` +
          `(YAML 1.1); YAML 1.2 reads ${scalar.value}: write ${value} or ${scalar.value}`;
      findings.add("warning", document.at(scalar.range?.[0] ?? 0), "", message);
      scalar.value = value;
    },
  });
}
