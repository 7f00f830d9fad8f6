/** Where each file of the package goes. @module */
import { completionScript } from "../../src/cli/completion.ts";
import { createProgram } from "../../src/cli/main.ts";
import { manualPage } from "./man.ts";

const here = new URL("./", import.meta.url).pathname;
/** The Ansible role installs the same files, so they are in its folder. */
const service = new URL("../ansible/roles/exporter/files/", import.meta.url).pathname;

/** A file by its path from `/`: copied from a file, or with a given text. */
export interface PackageFile {
  readonly path: string;
  readonly from?: string;
  readonly text?: string;
  /** Installed compressed, as Debian requires for manuals and changelogs. */
  readonly gzip?: boolean;
  /** @default 0o644 */
  readonly mode?: number;
}

/** The files of the package. @param time seconds since 1970 */
export function packageFiles(
  { executable, notices, copyright, version, time }: {
    executable: string;
    /** The file with the licenses of everything that is built in. */
    notices: string;
    /** The text of Debian's `copyright` file. */
    copyright: string;
    version: string;
    time: number;
  },
): readonly PackageFile[] {
  const program = createProgram(() => {});
  const completion = (shell: "bash" | "zsh" | "fish") => `${completionScript(program, shell)}\n`;
  return [
    { path: "usr/bin/jmp", from: executable, mode: 0o755 },
    { path: "usr/lib/systemd/system/jmp@.service", from: `${service}jmp@.service` },
    { path: "usr/lib/sysusers.d/jmp.conf", from: `${service}sysusers.conf` },
    { path: "usr/lib/tmpfiles.d/jmp.conf", from: `${service}tmpfiles.conf` },
    { path: "usr/lib/udev/rules.d/60-jmp.rules", from: `${service}60-jmp.rules` },
    { path: "usr/share/bash-completion/completions/jmp", text: completion("bash") },
    { path: "usr/share/zsh/vendor-completions/_jmp", text: completion("zsh") },
    { path: "usr/share/fish/vendor_completions.d/jmp.fish", text: completion("fish") },
    { path: "usr/share/man/man1/jmp.1.gz", text: manualPage(version, time), gzip: true },
    { path: "usr/share/doc/jmp/examples/exporter.yaml", from: `${here}example.yaml` },
    { path: "usr/share/doc/jmp/copyright", text: copyright },
    { path: "usr/share/doc/jmp/NOTICES.gz", from: notices, gzip: true },
    { path: "usr/share/doc/jmp/changelog.gz", text: changelog(version, time), gzip: true },
    { path: "usr/share/lintian/overrides/jmp", from: `${here}debian/lintian-overrides` },
  ];
}

/** The maintainer that the package names. */
export const MAINTAINER = "jmp authors <jmp@localhost>";

function changelog(version: string, time: number): string {
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  return `jmp (${version}) stable; urgency=medium\n\n  * Version ${version}.\n\n` +
    ` -- ${MAINTAINER}  ${date}\n`;
}
