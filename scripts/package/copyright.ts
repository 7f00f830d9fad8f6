/**
 * The package's `copyright` file in Debian's machine-readable format 1.0, made from the list of
 * contents that the build wrote.
 *
 * @module
 */
import { TEXTS } from "../build/parts.ts";

/** The parts of an SPDX document that are used. */
export interface Contents {
  readonly packages: readonly {
    readonly SPDXID: string;
    readonly name: string;
    readonly versionInfo?: string;
    readonly licenseConcluded: string;
    readonly copyrightText: string;
    readonly comment?: string;
  }[];
}

/** License texts that every Debian system has. */
const COMMON: Readonly<Record<string, string>> = {
  "Apache-2.0": "/usr/share/common-licenses/Apache-2.0",
};

/** The file's text. */
export function copyrightOf({ packages }: Contents): string {
  const parts = packages.filter(({ SPDXID }) => SPDXID !== "SPDXRef-jmp");
  const used = parts.flatMap(({ licenseConcluded }) => licenseConcluded.split(/ (?:AND|OR) /));
  const ids = [...new Set(["Apache-2.0", ...used])].sort();
  return [HEADER, ...parts.map(partOf), ...ids.map(licenseOf)].join("\n\n") + "\n";
}

const HEADER = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: jmp
Comment: /usr/bin/jmp is one file made of many; what is named below it here is inside of it.
 The full texts, as their authors write them, are in NOTICES.gz, and jmp licenses prints them.

Files: *
Copyright: 2026 the authors of jmp
License: Apache-2.0`;

function partOf(part: Contents["packages"][number]): string {
  const { name, versionInfo, licenseConcluded, copyrightText, comment } = part;
  const owners = copyrightText === "NONE"
    ? "its authors, whom its files do not name"
    : copyrightText;
  return [
    `Files: usr/bin/jmp/${versionInfo ? `${name}-${versionInfo}` : name}`,
    `Copyright: ${owners.replace(/^(copyright )?(\([cC]\)|©)? ?/gim, "").replaceAll("\n", "\n ")}`,
    `License: ${licenseConcluded.replaceAll(" AND ", " and ").replaceAll(" OR ", " or ")}`,
    ...(comment ? [`Comment: ${comment}`] : []),
  ].join("\n");
}

function licenseOf(id: string): string {
  const text = TEXTS[id as keyof typeof TEXTS] ?? "The text is in /usr/share/doc/jmp/NOTICES.gz.";
  const shown = COMMON[id] ? `On Debian systems the text is in ${COMMON[id]}.` : text;
  return `License: ${id}\n${shown.split("\n").map((line) => line ? ` ${line}` : " .").join("\n")}`;
}
