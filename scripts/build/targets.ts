/** The machines that a build can be for. @module */

/** One architecture, with the names that different tools have for it. */
export interface Target {
  /** As in `--target` and `uname -m`. */
  readonly arch: "x86_64" | "aarch64";
  /** As in Go and Debian; used in names of files and packages. */
  readonly deb: "amd64" | "arm64";
  /** As in the `cpu` of an npm package. */
  readonly cpu: "x64" | "arm64";
  /** As in `deno compile --target`. */
  readonly triple: string;
  /** The npm package that holds the Deno executable. */
  readonly runtime: string;
  /** The expected hash of that package, by Deno's version. */
  readonly runtimeIntegrity: Readonly<Record<string, string>>;
}

/** Linux with glibc; Deno has no build for other C libraries or 32-bit machines. */
export const TARGETS: readonly Target[] = [
  {
    arch: "x86_64",
    deb: "amd64",
    cpu: "x64",
    triple: "x86_64-unknown-linux-gnu",
    runtime: "@deno/linux-x64-glibc",
    runtimeIntegrity: {
      "2.9.5":
        "sha512-TDqcnoLe3jlgqYEQm7H7MK6q0JOth+o8iSZzknRODnVkJfPiNnjVn1M1Zc6vnp+ipkyb6Av1/CUlHgHtlq59Gw==",
    },
  },
  {
    arch: "aarch64",
    deb: "arm64",
    cpu: "arm64",
    triple: "aarch64-unknown-linux-gnu",
    runtime: "@deno/linux-arm64-glibc",
    runtimeIntegrity: {
      "2.9.5":
        "sha512-IuYjsz9PGl7CJcNXMuN27KNDB8Q40brK3SG3l+TXMDVW61ZKwcn0fQHBHnXFiiygEwI8by/fKnASEluhZB1atw==",
    },
  },
];

/** The name of the executable that a build for `target` makes. */
export function executableName({ deb }: Target): string {
  return `jmp-linux-${deb}`;
}

/** The targets that `--target` names. @throws {Error} for an unknown name. */
export function targetsOf(name: string): readonly Target[] {
  if (name === "all") return TARGETS;
  const found = TARGETS.filter(({ arch, deb }) => name === arch || name === deb);
  if (found.length > 0) return found;
  const known = [...TARGETS.map(({ arch }) => arch), "all"].join(", ");
  throw new Error(`Cannot build for '${name}': expected one of ${known}`);
}
