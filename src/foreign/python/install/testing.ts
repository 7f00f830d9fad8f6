/** Wheels for tests. @module */
import assert from "node:assert/strict";

/** A package without code of its own. */
export interface TestWheel {
  readonly module: string;
  readonly version: string;
  /** Names of packages that it needs. */
  readonly needs?: readonly string[];
  /** Name of a script that it installs, which prints the path of its interpreter. */
  readonly script?: string;
}

const MAKE = `
import json, sys, zipfile
folder, wheels = sys.argv[1], json.loads(sys.argv[2])
for wheel in wheels:
    module, version = wheel["module"], wheel["version"]
    info = f"{module}-{version}.dist-info"
    script = wheel.get("script")
    files = {
        f"{module}/__init__.py": "import sys\\ndef main():\\n    print(sys.executable)\\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {module}\\nVersion: {version}\\n"
            + "".join(f"Requires-Dist: {need}\\n" for need in wheel.get("needs", [])),
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt":
            f"[console_scripts]\\n{script} = {module}:main\\n" if script else "",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(f"{folder}/{module}-{version}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
`;

/** Writes wheels into a folder. */
export async function makeWheels(folder: string, wheels: readonly TestWheel[]): Promise<void> {
  const args = ["-c", MAKE, folder, JSON.stringify(wheels)];
  const { success, stderr } = await new Deno.Command("python3", { args, stderr: "piped" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
