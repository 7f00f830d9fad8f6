/** The machines that a build can be for. @module */

/** One architecture, in the words of everyone who has their own. */
export interface Target {
  /** As `--target` takes it and `uname -m` says it. */
  readonly arch: "x86_64" | "aarch64";
  /** As Go and Debian say it: in names of files and packages. */
  readonly deb: "amd64" | "arm64";
  /** As npm says it in the `cpu` of a package. */
  readonly cpu: "x64" | "arm64";
  /** As `deno compile --target` takes it. */
  readonly triple: string;
  /** The npm package that holds the Deno executable. */
  readonly runtime: string;
  /** What npm must deliver for it: the content's hash, by Deno's version. */
  readonly runtimeIntegrity: Readonly<Record<string, string>>;
}

/** Linux with glibc; Deno has no other base for devices of this kind. */
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

/** The targets that a `--target` names. @throws {Error} for a name that is none. */
export function targetsOf(name: string): readonly Target[] {
  if (name === "all") return TARGETS;
  const found = TARGETS.filter(({ arch, deb }) => name === arch || name === deb);
  if (found.length > 0) return found;
  const known = [...TARGETS.map(({ arch }) => arch), "all"].join(", ");
  throw new Error(`Cannot build for '${name}': expected one of ${known}`);
}
