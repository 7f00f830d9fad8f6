/** Small Debian systems in folders, made once and kept as tarballs in `.cache`. @module */
import { run } from "../../scripts/build/run.ts";

const cache = new URL("../../.cache/debian/", import.meta.url).pathname;

/** The contents of a system. */
interface Recipe {
  readonly arch: "amd64" | "arm64";
  /** `minbase`: the packages that dpkg calls essential; `extract`: the same, no script of them run. */
  readonly variant: "minbase" | "extract";
  readonly include: readonly string[];
}

/** The systems by name. */
const RECIPES = {
  /** Only what every Debian has. */
  minimal: { arch: "amd64", variant: "minbase", include: [] },
  /** The same for a foreign machine, whose scripts cannot run while it is made. */
  arm64: {
    arch: "arm64",
    variant: "extract",
    include: ["base-files", "coreutils", "dash", "findutils", "grep", "gzip", "libgcc-s1", "tar"],
  },
  /** A host that Ansible can reach. */
  host: {
    arch: "amd64",
    variant: "minbase",
    include: [
      ...["dbus", "openssh-server", "procps", "python3", "python3-venv"],
      ...["systemd", "systemd-sysv", "udev"],
    ],
  },
} satisfies Record<string, Recipe>;

/** A system in a folder of its own, which disposing removes. */
export async function openRoot(
  name: keyof typeof RECIPES,
): Promise<AsyncDisposable & { dir: string }> {
  const { arch, variant, include }: Recipe = RECIPES[name];
  const tarball = `${cache}${name}.tar`;
  if (!await Deno.stat(tarball).catch(() => undefined)) {
    await Deno.mkdir(cache, { recursive: true });
    const fresh = `${cache}${name}.new.tar`;
    const what = include.length > 0 ? [`--include=${include.join(",")}`] : [];
    await run([
      ...["mmdebstrap", "--quiet", `--architectures=${arch}`, `--variant=${variant}`, ...what],
      ...["bookworm", fresh],
    ], { timeoutMs: 1_800_000 });
    await Deno.rename(fresh, tarball);
  }
  const dir = await Deno.makeTempDir({ prefix: "jmp-root-" });
  await run(["tar", "-xf", tarball, "-C", dir, "--numeric-owner"]);
  await Deno.chmod(dir, 0o755);
  const remove = () => Deno.remove(dir, { recursive: true });
  return { dir, [Symbol.asyncDispose]: remove };
}

/** Mounts this machine's devices, processes and temporary files into `$1`, in a mount namespace. */
const LEND = `set -e
mount --bind "$1" "$1"
for dir in dev proc tmp; do mkdir -p "$1/$dir"; mount --rbind "/$dir" "$1/$dir"; done
exec chroot "$@"`;

/** The command that runs `command` in the system in `dir`; its mounts end with its last process. */
export function inRoot(dir: string, ...command: readonly string[]): string[] {
  return ["unshare", "--mount", "sh", "-c", LEND, "sh", dir, ...command];
}
