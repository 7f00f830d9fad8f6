/** Programs of the host. @module */

/** The Debian package of each program that the rig needs. */
const PACKAGES: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  busybox: "busybox-static",
  cpio: "cpio",
  depmod: "kmod",
  modprobe: "kmod",
  udevadm: "udev",
  usbip: "usbip",
  xz: "xz-utils",
};

/** The standard output of a command that must succeed. */
export async function output(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null", ...options });
  const { code, stdout, stderr } = await command.output();
  if (code !== 0) {
    throw new Error(
      `Cannot prepare the rig: ${program} ${args.join(" ")} ended with ${code}:\n` +
        new TextDecoder().decode(stderr),
    );
  }
  return new TextDecoder().decode(stdout);
}

/** @throws {Error} naming the Debian packages of what is missing. */
export async function tools(...names: string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) {
    const { success } = await new Deno.Command("sh", {
      args: ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`],
      stdout: "null",
    }).output();
    if (!success) missing.push(name);
  }
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => PACKAGES[name] ?? name))].join(" ");
  throw new Error(
    `Cannot prepare the rig: expected ${missing.join(", ")}, found none of that name; ` +
      `run apt-get install ${packages}`,
  );
}
