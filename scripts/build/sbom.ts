/** The list of what a build is made of, as SPDX 2.3 in JSON. @module */
import type { LockedPackage } from "./lock.ts";
import { TARGETS } from "./targets.ts";

/** What the list is about. */
export interface SbomOptions {
  readonly version: string;
  readonly commit: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly packages: readonly LockedPackage[];
  /** Built files and their sums (sha256, hexadecimal). */
  readonly files: readonly { readonly name: string; readonly sum: string }[];
}

/** The document; everything in it is of one commit, so that two builds give the same. */
export function spdx({ version, commit, time, packages, files }: SbomOptions): unknown {
  const parts = [
    ...packages.map(npmPackage),
    ...TARGETS.map(({ runtime, runtimeIntegrity }) =>
      npmPackage({
        name: runtime,
        version: Deno.version.deno,
        integrity: runtimeIntegrity[Deno.version.deno] ?? "",
      })
    ),
  ];
  const product = {
    SPDXID: "SPDXRef-jmp",
    name: "jmp",
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "Apache-2.0",
    licenseDeclared: "Apache-2.0",
    copyrightText: "NOASSERTION",
    primaryPackagePurpose: "APPLICATION",
    comment: `Built from commit ${commit}`,
  };
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `jmp-${version}`,
    documentNamespace: `urn:jmp:${version}:${commit}`,
    creationInfo: {
      created: new Date(time * 1000).toISOString().replace(/\.\d+/, ""),
      creators: ["Tool: deno task build"],
    },
    packages: [product, ...parts],
    files: files.map(({ name, sum }) => ({
      SPDXID: `SPDXRef-file-${idOf(name)}`,
      fileName: `./${name}`,
      checksums: [{ algorithm: "SHA256", checksumValue: sum }],
      licenseConcluded: "NOASSERTION",
      copyrightText: "NOASSERTION",
    })),
    relationships: [
      related("SPDXRef-DOCUMENT", "DESCRIBES", product.SPDXID),
      ...parts.map((part) => related(product.SPDXID, "CONTAINS", part.SPDXID)),
      ...files.map(({ name }) =>
        related(`SPDXRef-file-${idOf(name)}`, "GENERATED_FROM", product.SPDXID)
      ),
    ],
  };
}

function npmPackage({ name, version, integrity }: Pick<
  LockedPackage,
  "name" | "version" | "integrity"
>) {
  const [algorithm = "", digest = ""] = integrity.split(/-(.*)/s);
  const hex = Array.from(atob(digest), (char) => char.charCodeAt(0).toString(16).padStart(2, "0"));
  return {
    SPDXID: `SPDXRef-npm-${idOf(`${name}-${version}`)}`,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: "NOASSERTION",
    copyrightText: "NOASSERTION",
    checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue: hex.join("") }],
    externalRefs: [{
      referenceCategory: "PACKAGE-MANAGER",
      referenceType: "purl",
      referenceLocator: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    }],
  };
}

function related(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

/** Letters, numbers, dots and hyphens are all that an SPDX id may have. */
function idOf(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]+/g, "-").replace(/^-/, "");
}
