/**
 * Lists the software in the built files besides our own sources, each with its license. The list of
 * contents (`sbom.ts`) and the notices (`notices.ts`) are made from it.
 *
 * @module
 */
import type { LockedPackage } from "./lock.ts";
import { OF_ADDON, OF_RUNTIME, OF_WASM, type Part, TEXTS } from "./parts.ts";
import { checkExpression } from "./spdx_license.ts";
import type { Target } from "./targets.ts";

/** One piece of software. */
export interface Component {
  readonly name: string;
  /** Undefined where it is unknown: prebuilt files do not tell the versions of their parts. */
  readonly version: string | undefined;
  /** The license that the authors declare, as an SPDX expression. */
  readonly declared: string;
  /** The license of the parts that are used, as an SPDX expression. */
  readonly concluded: string;
  /** The copyright lines; empty where there are none. */
  readonly copyright: string;
  /** The license texts that must be included; they may leave out the copyright lines. */
  readonly text: string;
  /** Why `concluded` differs from `declared`, and other remarks. */
  readonly comment?: string;
  /** Hash like `sha512-…`, for packages of npm. */
  readonly integrity?: string;
  readonly purl?: string;
  /** Where its sources are. */
  readonly home?: string;
}

/** Packages whose own files are incomplete. */
const MENDED: Readonly<Record<string, Partial<Component>>> = {
  "@bufbuild/protobuf": {
    copyright: "Copyright 2021-2026 Buf Technologies, Inc.\nCopyright 2008 Google Inc.",
    text: [
      TEXTS["Apache-2.0"],
      "The same for its reading of variable-length integers, which is Google's:",
      TEXTS["BSD-3-Clause"],
    ].join("\n\n"),
  },
  "bzip2-wasm": { copyright: "Copyright (C) 1996-2019 Julian R Seward" },
  "node-liblzma": {
    concluded: "0BSD AND MIT",
    copyright: "Copyright (C) The XZ Utils authors and contributors",
    text: [
      "Of this package liblzma.wasm alone is used, which is liblzma of XZ Utils 5.8 (0BSD) with",
      "Emscripten's runtime (MIT); nothing of its wrapping, which is under the LGPL, is part of jmp.",
      "",
      TEXTS["0BSD"],
    ].join("\n"),
    comment:
      "Of the package liblzma.wasm alone is used: liblzma of XZ Utils (0BSD), compiled with " +
      "Emscripten (MIT). Its wrapping (LGPL) is no part of the program.",
  },
};

/** Packages whose license file is in another package of the same authors. */
const SIBLINGS: readonly (readonly [RegExp, string])[] = [[/^@node-usb\/usb-/, "usb"]];

/** The components of a program for one target, by name. */
export async function componentsOf(
  packages: readonly LockedPackage[],
  folders: ReadonlyMap<string, string>,
  target: Target,
): Promise<readonly Component[]> {
  const found = await Promise.all(packages.map((entry) => ofPackage(entry, packages, folders)));
  const runtime = {
    ...fromPart(OF_RUNTIME[0]!),
    name: target.runtime,
    integrity: target.runtimeIntegrity[Deno.version.deno] ?? "",
    purl: purlOf(target.runtime, Deno.version.deno),
  };
  const parts = [...OF_RUNTIME.slice(1), ...OF_WASM, ...OF_ADDON].map(fromPart);
  const all = [...found, runtime, ...parts];
  for (const { name, declared, concluded } of all) {
    checkExpression(declared, name);
    checkExpression(concluded, name);
  }
  return all.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function ofPackage(
  entry: LockedPackage,
  packages: readonly LockedPackage[],
  folders: ReadonlyMap<string, string>,
): Promise<Component> {
  const { name, version, integrity } = entry;
  const sibling = SIBLINGS.find(([pattern]) => pattern.test(name))?.[1];
  const source = sibling ? packages.find((other) => other.name === sibling)! : entry;
  const folder = folders.get(`${source.name}@${source.version}`);
  if (!folder) throw new Error(`Cannot list ${name}: expected its folder in Deno's cache`);
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const mended = MENDED[name];
  const text = mended?.text ?? await licenseTexts(folder);
  if (text === "") {
    throw new Error(
      `Cannot list ${name}: expected a license file in the package, found none; name its text in ` +
        "scripts/build/components.ts",
    );
  }
  const declared = String(manifest.license).replace(/^\((.*)\)$/, "$1");
  return {
    name,
    version,
    declared,
    concluded: declared,
    copyright: copyrightLines(text),
    text,
    integrity,
    purl: purlOf(name, version),
    ...homeOf(manifest.repository),
    ...mended,
  };
}

/** Every license and notice of a package. */
async function licenseTexts(folder: string): Promise<string> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const found = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(found.map((name) => Deno.readTextFile(`${folder}/${name}`)));
  return texts.map((text) => text.replaceAll("\r", "").trim()).join("\n\n");
}

/** The copyright lines, without those of templates. */
function copyrightLines(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^[\s*#]+/, "").trim());
  const found = lines.filter((line) => /^(copyright (\(c\)|©|[\d<A-Z])|\(c\) \d|© )/i.test(line))
    .filter((line) => !/^copyright (and|notice|owner|holder|license)|[[{]yyyy[\]}]/i.test(line));
  return [...new Set(found)].join("\n");
}

function fromPart({ name, version, license, copyright, of, home }: Part): Component {
  const texts = license.split(/ (?:AND|OR) /).map((id) => TEXTS[id as keyof typeof TEXTS]);
  return {
    name,
    version,
    declared: license,
    concluded: license,
    copyright,
    text: texts.join("\n\n"),
    comment: `Part of ${of}`,
    home,
  };
}

/** `package.json` has the repository's address in many spellings. */
function homeOf(repository: unknown): { readonly home?: string } {
  const given = typeof repository === "string" ? repository : (repository as { url?: string })?.url;
  const path = given?.replace(/^(git\+)?(https|git|ssh):\/\/(git@)?github\.com\//, "")
    .replace(/^git@github\.com:|^github:/, "").replace(/\/tree\/.*$/, "").replace(/\.git$/, "");
  return path && /^[\w.-]+\/[\w.-]+$/.test(path)
    ? { home: `git+https://github.com/${path}.git` }
    : {};
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
