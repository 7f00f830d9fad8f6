/**
 * Closes a bundle: at run time it finds by name only what is built into the runtime. Anything else
 * would be searched in the folders above it, where others may write.
 *
 * @module
 */

/** Optional modules of packages, which work without them. */
const OPTIONAL: Readonly<Record<string, string>> = {
  "bufferutil": "native code for ws, which has the same in JavaScript",
  "utf-8-validate": "native code for ws, which has the same in node:buffer",
  "supports-color": "colours for debug, whose output is for developers of packages",
};

/** How the bundler lets CommonJS modules require what is not in the bundle: from any folder above. */
const OPEN_REQUIRE =
  /^import \{ createRequire as (\w+) \} from "node:module";\n(var __require) = \1\(import\.meta\.url\);$/m;

/** Requires only what is built in; any other name is an error. */
const CLOSED_REQUIRE = `import __process from "node:process";
$2 = (name) => {
  const found = __process.getBuiltinModule(name);
  if (!found) throw new Error(\`Cannot find module '\${name}': it is not part of the program\`);
  return found;
};
var __absent = (name) => {
  throw new Error(\`Cannot find module '\${name}': the program does without it\`);
};`;

/** Closes a bundle. @throws {Error} naming each place that would search for a module */
export async function closeBundle(app: string, path: string): Promise<void> {
  const text = await Deno.readTextFile(`${app}/${path}`);
  const closed = text.replace(OPEN_REQUIRE, CLOSED_REQUIRE)
    .replace(/\b__require\("([^"]+)"\)/g, (call, name) => {
      return Object.hasOwn(OPTIONAL, name) ? `__absent("${name}")` : call;
    });
  const places = searches(closed, path);
  if (places.length > 0) {
    throw new Error(
      `Cannot bundle: expected nothing that is looked for at run time, found ` +
        places.map(({ line, text }) => `${path}:${line}: ${text}`).join("; "),
    );
  }
  await Deno.writeTextFile(`${app}/${path}`, closed);
}

/** A place in a bundle that would search for a module or file. */
export interface Search {
  readonly line: number;
  readonly text: string;
}

/** Expressions that look like a search; those in the lists below are known not to be one. */
const SUSPECTS = [
  String.raw`\b(?:__)?require\s*(?:\.\s*\w+\s*)?\(`,
  String.raw`\bimport\s*\(`,
  String.raw`\b(?:createRequire|import\.meta|getBuiltinModule|dlopen|importScripts)\b`,
  String.raw`^\s*(?:import|export)\b[^("';]*\bfrom\s*["']`,
  String.raw`^\s*import\s*["']`,
].map((source) => new RegExp(source, "gm"));

/** Allowed: names of built-in modules, and our own files by their place. */
const HARMLESS: readonly RegExp[] = [
  /^(?:__)?require\(\s*"node:[\w/]+"\s*\)/,
  /^import\("node:[\w/]+"\)/,
  /^\s*(?:import|export)\b[^("';]*\bfrom\s*"node:[\w/]+";/,
];

/** Allowed once: the C library, which src/libc/libc.ts opens. */
const ONCE = /^dlopen\("libc\.so\.6", symbols\d*\)/;

/** By bundle: expressions that search on purpose, or only look like a search. */
const KNOWN: Readonly<Record<string, readonly RegExp[]>> = {
  // One of the two programs beside it.
  "main.js": [/^import\(program\.href\)/],
  "src/cli/main.js": [
    /^getBuiltinModule\(name\);/,
    // The addon, by its path or by an open descriptor: see native.ts.
    /^dlopen\(addon, kept \?\? path\d*\)/,
  ],
  // The file of a custom driver, whose folders were checked.
  "src/foreign/worker/worker.js": [/^import\(url\d*\)/],
};

/** Every place of a bundle that would search for a module. */
export function searches(text: string, path: string): readonly Search[] {
  const bare = withoutComments(text);
  const known = [...HARMLESS, ...(KNOWN[path] ?? [])];
  const found = SUSPECTS.flatMap((suspect) => {
    return Array.from(bare.matchAll(suspect), ({ index }) => index);
  });
  const [once] = found.filter((at) => matchesAt(ONCE, bare, at));
  return found
    .filter((at) => at !== once && !known.some((harmless) => matchesAt(harmless, bare, at)))
    .sort((a, b) => a - b)
    .map((at) => ({
      line: bare.slice(0, at).split("\n").length,
      text: bare.slice(at).trimStart().split("\n")[0]!.slice(0, 100),
    }));
}

/** Whether an expression that begins with `^` matches at an offset; (?<=…) sees the text before it. */
function matchesAt(expression: RegExp, text: string, at: number): boolean {
  const sticky = new RegExp(expression.source.slice(1), "y");
  sticky.lastIndex = at;
  return sticky.test(text);
}

/** The bundler prints comments on separate lines and between arguments. */
function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return text.replace(/^\s*\/\*[^]*?\*\//gm, blank).replace(/^\s*\/\/.*$/gm, blank);
}
