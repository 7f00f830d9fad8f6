/** A Debian package, made with dpkg-deb. @module */
import { run } from "../build/run.ts";
import type { Target } from "../build/targets.ts";
import { MAINTAINER, type PackageFile } from "./layout.ts";

const scripts = new URL("./debian/", import.meta.url).pathname;

/** What to package. */
export interface DebOptions {
  readonly target: Target;
  readonly version: string;
  readonly files: readonly PackageFile[];
  /** Time of the files inside, in seconds since 1970. */
  readonly time: number;
  /** The folder for the package. */
  readonly out: string;
}

/** Writes the package and returns its path. */
export async function makeDeb(options: DebOptions): Promise<string> {
  const { target, version, files, time, out } = options;
  const tree = await Deno.makeTempDir({ prefix: "jmp-deb-" });
  try {
    for (const file of files) await place(tree, file);
    await placeControl(tree, options);
    await run(["chmod", "-R", "u=rwX,go=rX", tree]);
    const path = `${out}/jmp_${version}_${target.deb}.deb`;
    // The executable is compressed already.
    await run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, path], {
      env: { SOURCE_DATE_EPOCH: String(time) },
    });
    return path;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

async function place(tree: string, { path, from, text, gzip, mode = 0o644 }: PackageFile) {
  const to = `${tree}/${gzip ? path.replace(/\.gz$/, "") : path}`;
  await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
  if (from !== undefined) await Deno.copyFile(from, to);
  else await Deno.writeTextFile(to, text ?? "");
  await Deno.chmod(to, mode);
  if (gzip) await run(["gzip", "-9", "-n", to]);
}

async function placeControl(tree: string, { target, version, files }: DebOptions) {
  const control = `${tree}/DEBIAN`;
  await Deno.mkdir(control);
  const size = (await run(["du", "-sk", "--exclude=DEBIAN", tree])).split("\t")[0];
  await Deno.writeTextFile(
    `${control}/control`,
    [
      "Package: jmp",
      `Version: ${version}`,
      `Architecture: ${target.deb}`,
      `Maintainer: ${MAINTAINER}`,
      `Installed-Size: ${size}`,
      // Libraries that Deno's executable is linked with.
      "Depends: libc6 (>= 2.28), libgcc-s1",
      "Recommends: systemd, udev",
      // For jmp driver install.
      "Suggests: python3 (>= 3.11), python3-venv",
      "Section: electronics",
      "Priority: optional",
      "Description: Jumpstarter exporter: serves hardware to remote testers",
      " Runs on a host that is wired to boards, registers with a Jumpstarter",
      " controller, and serves serial consoles, power switches, storage and network",
      " services to remote clients. It reads the official Python exporter's configs.",
      "",
    ].join("\n"),
  );
  const sums = files.map(({ path }) => path);
  await Deno.writeTextFile(`${control}/md5sums`, await run(["md5sum", ...sums], { cwd: tree }));
  for (const name of ["postinst", "prerm", "postrm"]) {
    await Deno.copyFile(`${scripts}${name}`, `${control}/${name}`);
    await Deno.chmod(`${control}/${name}`, 0o755);
  }
}
