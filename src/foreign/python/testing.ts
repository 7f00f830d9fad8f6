/** Helpers for tests with Python environments. @module */
import assert from "node:assert/strict";
import { join } from "node:path";

/** A virtual environment in a folder of the test. */
export interface TestEnvironment {
  readonly root: string;
  readonly python: string;
  /** Adds a module and, with a version, the metadata of its distribution. */
  add(module: string, version?: string, source?: string): Promise<void>;
  /** The folder of its packages. */
  readonly packages: string;
}

/** Makes an environment without packages, from `python3` of PATH. */
export async function testEnvironment(root: string): Promise<TestEnvironment> {
  const command = new Deno.Command("python3", {
    args: ["-m", "venv", "--without-pip", root],
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lib = join(root, "lib");
  const [version] = await Array.fromAsync(Deno.readDir(lib), ({ name }) => name);
  const packages = join(lib, version!, "site-packages");
  return {
    root,
    python: join(root, "bin/python"),
    packages,
    async add(module, version, source = "raise Exception('imported')\n") {
      await Deno.mkdir(join(packages, module), { recursive: true });
      await Deno.writeTextFile(join(packages, module, "__init__.py"), source);
      if (version === undefined) return;
      const info = join(packages, `${module}-${version}.dist-info`);
      await Deno.mkdir(info);
      const metadata = `Metadata-Version: 2.1\nName: ${module}\nVersion: ${version}\n`;
      await Deno.writeTextFile(join(info, "METADATA"), metadata);
    },
  };
}

/** Writes an executable shell script. */
export async function script(path: string, text: string): Promise<string> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}
