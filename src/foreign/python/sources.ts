/** The Python files of the host, which are part of the program. @module */
import build from "./host/build.py" with { type: "text" };
import changes from "./host/changes.py" with { type: "text" };
import child from "./host/child.py" with { type: "text" };
import control from "./host/control.py" with { type: "text" };
import host from "./host/host.py" with { type: "text" };
import init from "./host/__init__.py" with { type: "text" };
import keeper from "./host/keeper.py" with { type: "text" };
import limits from "./host/limits.py" with { type: "text" };
import lines from "./host/lines.py" with { type: "text" };
import logs from "./host/logs.py" with { type: "text" };
import packages from "./host/packages.py" with { type: "text" };
import problems from "./host/problems.py" with { type: "text" };
import processes from "./host/processes.py" with { type: "text" };
import standin from "./host/standin.py" with { type: "text" };
import streams from "./host/streams.py" with { type: "text" };
import start from "./host/start.py" with { type: "text" };
import tree from "./host/tree.py" with { type: "text" };

/** A name that no Python package has. */
const PACKAGE = "jmp_python_host";

const MODULES: Readonly<Record<string, string>> = {
  "__init__": init,
  build,
  changes,
  child,
  control,
  host,
  keeper,
  limits,
  lines,
  logs,
  packages,
  problems,
  processes,
  standin,
  streams,
  tree,
};

/** Writes the files into a private folder. Returns the path of the script that starts the host. */
export async function writeSources(folder: string): Promise<string> {
  await Deno.mkdir(`${folder}/${PACKAGE}`);
  await Promise.all([
    Deno.writeTextFile(`${folder}/start.py`, start),
    ...Object.entries(MODULES).map(([name, text]) => {
      return Deno.writeTextFile(`${folder}/${PACKAGE}/${name}.py`, text);
    }),
  ]);
  return `${folder}/start.py`;
}
