/** Debian tools that the package tests need beyond those of the other tests. @module */
import { run } from "../../scripts/build/run.ts";

/** Programs by their package. */
const TOOLS: Readonly<Record<string, string>> = {
  "ansible-core": "ansible-playbook",
  "fish": "fish",
  "iproute2": "ip",
  "lintian": "lintian",
  "mmdebstrap": "mmdebstrap",
  "openssh-client": "ssh-keygen",
  "qemu-user-static": "qemu-aarch64-static",
  "systemd-container": "systemd-nspawn",
  "util-linux": "unshare",
  "zsh": "zsh",
};

/** Installs the missing tools. @throws {Error} for users other than root. */
export async function installTools(): Promise<void> {
  if (Deno.uid() !== 0) {
    throw new Error(
      "Cannot run the package tests: expected root, for roots, mounts and containers",
    );
  }
  const missing: string[] = [];
  for (const [name, program] of Object.entries(TOOLS)) {
    const { success } = await new Deno.Command("sh", {
      args: ["-c", `command -v ${program}`],
      stdout: "null",
    }).output();
    if (!success) missing.push(name);
  }
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "update", "-qq"], { env });
  await run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
}
