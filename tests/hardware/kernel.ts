/**
 * The kernel that the guest boots: Debian's own, fetched by apt-get and kept in `.cache/`,
 * with an initial RAM disk that mounts the host's root as the guest's.
 *
 * @module
 */
import { output, tools } from "./commands.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Modules without which the guest's root cannot be mounted. */
const EARLY_MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay"];

/** The files that QEMU boots. */
export interface Kernel {
  readonly image: string;
  readonly initrd: string;
  /** The folder that becomes `/lib/modules` in the guest. */
  readonly modules: string;
}

/** Debian's current kernel, prepared on first use. */
export async function debianKernel(): Promise<Kernel> {
  await tools("apt-get", "dpkg-deb", "modprobe", "depmod", "cpio", "busybox", "xz", "dpkg");
  const name = await packageName();
  const dir = `${root}.cache/hardware-${name}`;
  const release = name.replace("linux-image-", "");
  const kernel = {
    image: `${dir}/vmlinux`,
    initrd: `${dir}/initrd.gz`,
    modules: `${dir}/lib/modules`,
  };
  // Marks the folder as complete: an interrupted run leaves half of it.
  const mark = `${dir}/complete`;
  if (await Deno.stat(mark).then(() => true, () => false)) return kernel;
  await Deno.remove(dir, { recursive: true }).catch(() => {});
  await Deno.mkdir(dir, { recursive: true });
  await output("apt-get", ["download", "-qq", name], { cwd: dir });
  await output("bash", ["-c", "dpkg-deb -x ./*.deb . && rm ./*.deb"], { cwd: dir });
  await output("depmod", ["-b", dir, release]);
  await extract(`${dir}/boot/vmlinuz-${release}`, kernel.image);
  await makeInitrd(dir, release, kernel.initrd);
  await Deno.writeTextFile(mark, "");
  return kernel;
}

/** The package that Debian's metapackage depends on; its name contains the version. */
async function packageName(): Promise<string> {
  const architecture = (await output("dpkg", ["--print-architecture"])).trim();
  const text = await output("apt-cache", ["depends", `linux-image-${architecture}`]);
  const [, name] = /Depends: (linux-image-\S+)/.exec(text) ?? [];
  if (!name) {
    throw new Error(
      `Cannot find Debian's kernel: expected linux-image-${architecture} among apt's packages, ` +
        `found ${text.trim() || "none"}; run apt-get update`,
    );
  }
  return name;
}

const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

/** QEMU boots an unpacked kernel some seconds sooner; one that is not xz stays packed. */
async function extract(packed: string, image: string): Promise<void> {
  const bytes = await Deno.readFile(packed);
  const start = bytes.findIndex((_, at) => XZ.every((value, index) => bytes[at + index] === value));
  if (start < 0) return await Deno.copyFile(packed, image);
  // xz fails on the bytes after the payload, but has then written all of it.
  const script = `tail -c +${start + 1} "$0" | xz -dcq > "$1" || test -s "$1"`;
  await output("bash", ["-c", script, packed, image]);
}

async function makeInitrd(dir: string, release: string, initrd: string): Promise<void> {
  const stage = `${dir}/initrd`;
  for (const folder of ["bin", "modules", "proc", "sys", "dev", "lower", "upper", "newroot"]) {
    await Deno.mkdir(`${stage}/${folder}`, { recursive: true });
  }
  const { stdout } = await new Deno.Command("sh", { args: ["-c", "command -v busybox"] }).output();
  await Deno.copyFile(new TextDecoder().decode(stdout).trim(), `${stage}/bin/busybox`);
  const modules = await earlyModules(dir, release);
  for (const [index, path] of modules.entries()) {
    await Deno.copyFile(path, `${stage}/modules/${String(index).padStart(2, "0")}.ko`);
  }
  await Deno.writeTextFile(`${stage}/init`, INIT, { mode: 0o755 });
  const script = `find . | cpio -o -H newc --quiet | gzip -1 > "$0"`;
  await output("bash", ["-c", script, initrd], { cwd: stage });
}

/** Lists modules in the order in which they must be loaded. */
async function earlyModules(dir: string, release: string): Promise<string[]> {
  const text = await output("modprobe", [
    ...["-d", dir, "-S", release, "--show-depends", "--all", ...EARLY_MODULES],
  ]);
  const paths = Array.from(text.matchAll(/^insmod (\S+)/gm), ([, path]) => path!);
  return [...new Set(paths)];
}

/** Mounts the host's root, read-only, below a layer in memory, and changes into it. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*.ko; do insmod $module; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 hostroot /lower ||
  { echo "rig: cannot mount the host's root"; poweroff -f; }
mount -t tmpfs -o size=70% tmpfs /upper
mkdir -p /upper/data /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work overlay /newroot
for folder in proc sys dev; do
  mkdir -p /newroot/$folder
  mount --move /$folder /newroot/$folder
done
exec switch_root /newroot /bin/bash $(sed -n 's/.*rig\\.init=\\([^ ]*\\).*/\\1/p' /newroot/proc/cmdline)
`;
