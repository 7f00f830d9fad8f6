/** The list of the contents of a build, as SPDX 2.3 in JSON. @module */
import type { Component } from "./components.ts";
import { allOf } from "./spdx_license.ts";
import type { Sum } from "./sums.ts";

/** The build that the list describes. */
export interface SbomOptions {
  readonly version: string;
  readonly commit: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly components: readonly Component[];
  /** Built files and their sums. */
  readonly files: readonly Sum[];
}

const OURS = "Apache-2.0";
const COPYRIGHT = "2026 the authors of jmp";

/** Makes the document; it depends on the commit only, so two builds give the same. */
export function spdx({ version, commit, time, components, files }: SbomOptions): unknown {
  const parts = components.map(packageOf);
  const product = {
    SPDXID: "SPDXRef-jmp",
    name: "jmp",
    versionInfo: version,
    // The address for downloads is known only to the site that publishes the build.
    downloadLocation: "NONE",
    filesAnalyzed: false,
    licenseConcluded: OURS,
    licenseDeclared: OURS,
    copyrightText: COPYRIGHT,
    primaryPackagePurpose: "APPLICATION",
    comment: `Built from commit ${commit}`,
  };
  const licenses = allOf([OURS, ...components.map(({ concluded }) => concluded)]);
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
    files: files.map(({ name, sum, sha1 }) => ({
      SPDXID: `SPDXRef-file-${idOf(name)}`,
      fileName: `./${name}`,
      checksums: [
        { algorithm: "SHA1", checksumValue: sha1 },
        { algorithm: "SHA256", checksumValue: sum },
      ],
      licenseConcluded: name === "install.sh" ? OURS : licenses,
      copyrightText: name === "install.sh" ? COPYRIGHT : `${COPYRIGHT}, and others: see NOTICES`,
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

function packageOf(component: Component) {
  const { name, version, declared, concluded, copyright, comment, home, integrity, purl } =
    component;
  return {
    SPDXID: `SPDXRef-part-${idOf(version ? `${name}-${version}` : name)}`,
    name,
    ...(version !== undefined && { versionInfo: version }),
    downloadLocation: home ?? "NONE",
    filesAnalyzed: false,
    licenseConcluded: concluded,
    licenseDeclared: declared,
    copyrightText: copyright || "NONE",
    ...(comment !== undefined && { comment }),
    ...(integrity && { checksums: [checksumOf(integrity)] }),
    ...(purl !== undefined && {
      externalRefs: [{
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: purl,
      }],
    }),
  };
}

function checksumOf(integrity: string) {
  const [algorithm = "", digest = ""] = integrity.split(/-(.*)/s);
  const hex = Array.from(atob(digest), (char) => char.charCodeAt(0).toString(16).padStart(2, "0"));
  return { algorithm: algorithm.toUpperCase(), checksumValue: hex.join("") };
}

function related(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}

/** An SPDX id may contain only letters, numbers, dots and hyphens. */
function idOf(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]+/g, "-").replace(/^-/, "");
}
