/** The contents of the file for each architecture, and its compilation. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { searches } from "../../scripts/build/closed.ts";
import { compile } from "../../scripts/build/compile.ts";
import type { Component } from "../../scripts/build/components.ts";
import { checkContents } from "../../scripts/build/contents.ts";
import { ALONE, PERMISSIONS } from "../../scripts/build/flags.ts";
import { loaderOf } from "../../scripts/build/native.ts";
import { noticesOf } from "../../scripts/build/notices.ts";
import { spdx } from "../../scripts/build/sbom.ts";
import { checkExpression } from "../../scripts/build/spdx_license.ts";
import { type Stage, stage, type Via } from "../../scripts/build/stage.ts";
import { type Target, TARGETS, targetsOf } from "../../scripts/build/targets.ts";

const root = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

function staged(target: Target, via: Via): Promise<Stage> {
  return stage({ root, target, via, commit: "0123abc", cache: `${root}/.cache/npm` });
}

/** All files except native code. */
const PROGRAM = [
  "main.js",
  "src/cli/main.js",
  "src/codec/worker.js",
  "src/foreign/worker/worker.js",
  "src/j/main.js",
];

/** The addons of each file: for its own machine only. */
const ADDONS: Record<Target["arch"], readonly string[]> = {
  x86_64: ["addons/usb.linux-x64-gnu.node"],
  aarch64: ["addons/usb.linux-arm64-gnu.node"],
};

for (const target of TARGETS) {
  Deno.test(`the file for ${target.arch} holds the program and its own addons, nothing else`, async () => {
    await using program = await staged(target, "pack");
    const files = await checkContents(program, target);
    assert.deepEqual(files, [...ADDONS[target.arch], ...PROGRAM]);
    const names = program.components.map(({ name }) => name);
    assert.ok(names.includes("@grpc/grpc-js"));
    assert.ok(!names.includes("fast-check"), "a package of the tests");
    assert.ok(!names.includes("ts-proto"), "a package of the tools");
  });

  Deno.test(`deno compile embeds the program for ${target.arch}`, async () => {
    const dir = await Deno.makeTempDir({ prefix: "jmp-compile-" });
    // Any executable works as the base: the payload is appended unchanged for both machines.
    const given = Deno.env.get("DENORT_BIN");
    Deno.env.set("DENORT_BIN", "/bin/true");
    try {
      await using program = await staged(target, "compile");
      const out = `${dir}/jmp`;
      const { failure, listing, base } = await compile({ ...program, target, out });
      assert.equal(failure, undefined, listing);
      assert.equal(base, "DENORT_BIN (/bin/true)");
      const embedded = Buffer.from(await Deno.readFile(out));
      for (const path of await checkContents(program, target)) {
        const content = await Deno.readFile(`${program.app}/${path}`);
        assert.ok(embedded.includes(content.subarray(-4096)), `${path} is not in it: ${listing}`);
      }
      assert.deepEqual(await Array.fromAsync(Deno.readDir(dir), ({ name }) => name), ["jmp"]);
    } finally {
      if (given === undefined) Deno.env.delete("DENORT_BIN");
      else Deno.env.set("DENORT_BIN", given);
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("an addon is loaded from what is held open once its file was removed", async () => {
  const [target] = targetsOf(Deno.build.arch);
  await using program = await staged(target!, "pack");
  const [path] = ADDONS[target!.arch];
  const load = `
    import { openSync, rmSync } from "node:fs";
    import { createRequire } from "node:module";
    const addon = new URL("./${path}", import.meta.url);
    openSync(addon);
    rmSync(addon);
    const module = { exports: {} };
    const loader = ${JSON.stringify(loaderOf(path!.slice("addons/".length)))};
    new Function("require", "module", loader)(createRequire(import.meta.url), module);
    console.log(typeof module.exports.nativeGetDevices);
  `;
  await Deno.writeTextFile(`${program.app}/load.mjs`, load);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", PERMISSIONS, ...ALONE, `${program.app}/load.mjs`],
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(said, "function\n");
});

Deno.test("checkContents() names files that do not belong there", async () => {
  const [target] = targetsOf("x86_64");
  const app = await Deno.makeTempDir({ prefix: "jmp-contents-" });
  try {
    await Deno.writeTextFile(`${app}/main.js`, "");
    await Deno.writeTextFile(`${app}/main_test.js`, "");
    await Deno.mkdir(`${app}/addons`);
    await Deno.mkdir(`${app}/node_modules`);
    await Deno.writeTextFile(`${app}/node_modules/index.js`, "");
    // An ELF header for aarch64.
    const head = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 183, 0];
    await Deno.writeFile(`${app}/addons/usb.node`, new Uint8Array(head));
    await assert.rejects(checkContents({ app, programs: ["main.js", "worker.js"] }, target!), {
      message: "Cannot build for x86_64: worker.js is missing; main_test.js is no part of the " +
        "program; node_modules/index.js is no part of the program; addons/usb.node is for aarch64",
    });
  } finally {
    await Deno.remove(app, { recursive: true });
  }
});

Deno.test("no bundle looks for a module or file at run time", async () => {
  const [target] = targetsOf("x86_64");
  await using program = await staged(target!, "pack");
  for (const path of PROGRAM) {
    const text = await Deno.readTextFile(`${program.app}/${path}`);
    assert.deepEqual(searches(text, path), [], path);
    // Everything that is required or imported by name is built in.
    const names = text.matchAll(
      /(?:\b\w*require\d*|\bimport)\(\s*"([^"\n]+)"|^import\b.*"(.+)";$/gm,
    );
    for (const [, a, b] of names) assert.match((a ?? b)!, /^node:/, path);
  }
});

Deno.test("j carries nothing of the exporter", async () => {
  const [target] = targetsOf("x86_64");
  await using program = await staged(target!, "pack");
  const text = await Deno.readTextFile(`${program.app}/src/j/main.js`);
  const ours = Array.from(text.matchAll(/^\/\/ (src|drivers)\/(\w+)/gm), ([, top, room]) => {
    return top === "src" ? room : top;
  });
  const rooms = [...new Set(ours)].sort();
  for (const room of ["session", "tree", "exporter", "controller", "config", "cli", "drivers"]) {
    assert.ok(!rooms.includes(room), `${room} in ${rooms}`);
  }
  const packages = text.matchAll(/^\/\/ \S*\/npm\/[^/\s]+\/((?:@[^/\s]+\/)?[^/\s]+)\//gm);
  const names = new Set(Array.from(packages, ([, name]) => name));
  assert.deepEqual([...names].sort(), ["@bufbuild/protobuf", "commander"]);
});

Deno.test("searches() finds what a bundle would look for, however it is written", () => {
  const places = [
    'var a = require("bufferutil");',
    'var a = __require("bufferutil");',
    "var a = __require(name);",
    'var a = require.resolve("ws");',
    'import { a } from "ws";',
    'import "./other.js";',
    'import {\n  a,\n  b\n} from "ws";',
    'export { a } from "ws";',
    "const a = await import(name);",
    'const a = await import("ws");',
    'const a = import.meta.resolve("ws");',
    'const a = new URL("liblzma.wasm", import.meta.url);',
    'const a = new URL("./src/worker.js", import.meta.url);',
    'import { createRequire } from "node:module";',
    'process.dlopen(module, "usb.node");',
    'Deno.dlopen("libusb.so", {});',
    'Deno.dlopen("libc.so.6", {});',
    'importScripts("a.js");',
  ];
  for (const place of places) {
    assert.equal(searches(`const before = 1;\n${place}`, "main.js")[0]?.line, 2, place);
  }
  const harmless = [
    'import { a } from "node:fs";',
    'var a = __require("node:tls");',
    'var a = __require(\n  /* webpackIgnore: true */\n  "node:fs"\n);',
    'const { a } = await import("node:tls");',
    'new Worker(new URL("./src/worker.js", Deno.mainModule), {});',
    '// import { a } from "ws";',
    '/**\n * import { a } from "ws";\n */',
    'Deno.dlopen("libc.so.6", symbols).symbols;',
    "const required = requiredBy(name);",
  ];
  for (const place of harmless) assert.deepEqual(searches(place, "main.js"), [], place);
  const twice = 'Deno.dlopen("libc.so.6", symbols);\n'.repeat(2);
  assert.deepEqual(searches(twice, "main.js").map(({ line }) => line), [2]);
});

Deno.test("targetsOf() knows both architectures by two names, and says what it expects", () => {
  assert.deepEqual(targetsOf("all").map(({ arch }) => arch), ["x86_64", "aarch64"]);
  assert.equal(targetsOf("arm64")[0], targetsOf("aarch64")[0]);
  assert.throws(() => targetsOf("armv7l"), {
    message: "Cannot build for 'armv7l': expected one of x86_64, aarch64, all",
  });
});

Deno.test("all that is in the bundles is listed, under a license and with its text", async () => {
  const [target] = targetsOf("x86_64");
  await using program = await staged(target!, "pack");
  const { components } = program;
  const listed = components.map(({ name, version }) => `${name} ${version ?? ""}`.trim());
  const wanted = ["deno", "v8", "usb", "@node-usb/usb-linux-x64-gnu", "bzip2-wasm", "node-liblzma"];
  for (const name of wanted) {
    assert.ok(components.some((found) => found.name.replace(/^@deno\/.*/, "deno") === name), name);
  }
  // The bundler prints the origin of each module; `packagesIn` finds packages in another way.
  for (const path of PROGRAM) {
    for (const line of (await Deno.readTextFile(`${program.app}/${path}`)).split("\n")) {
      const [, rest] = line.startsWith("// ") ? line.split("/npm/") : [];
      if (rest === undefined) continue;
      const [, ...parts] = rest.split("/");
      const name = parts[0]!.startsWith("@") ? parts.splice(0, 2).join("/") : parts.shift();
      assert.ok(listed.includes(`${name} ${parts[0]}`), line);
    }
  }
  const notices = noticesOf(components);
  for (const component of components) {
    checkExpression(component.declared, component.name);
    checkExpression(component.concluded, component.name);
    assert.doesNotMatch(component.concluded, /GPL/, component.name);
    assert.ok(component.text.length > 300, component.name);
    assert.ok(notices.includes(component.text.slice(-200)), component.name);
    for (const line of component.copyright.split("\n")) assert.ok(notices.includes(line), line);
  }
  assert.doesNotMatch(JSON.stringify(document(components)), /NOASSERTION/);
});

Deno.test("checkExpression() refuses licenses that nobody has looked at", () => {
  for (const expression of ["MIT", "Apache-2.0 AND BSD-3-Clause", "MIT OR Apache-2.0"]) {
    checkExpression(expression, "x");
  }
  for (
    const expression of ["", "undefined", "SEE LICENSE IN x", "GPL-3.0-only", "MIT AND ", "mit"]
  ) {
    assert.throws(() => checkExpression(expression, "the-package"), /Cannot list the-package/);
  }
});

/** The list of contents, for a release of one file. */
function document(components: readonly Component[]): unknown {
  const files = [{ name: "jmp-linux-arm64", sum: "ab12", sha1: "cd34" }];
  const [version, commit, time] = ["1.2.3", "0123abc", 1_700_000_000];
  return spdx({ version, commit, time, components, files });
}

Deno.test("spdx() lists components with their hashes, the same for the same commit", () => {
  const components = [{
    name: "@grpc/grpc-js",
    version: "1.14.7",
    declared: "Apache-2.0",
    concluded: "Apache-2.0",
    copyright: "",
    text: "…",
    integrity: "sha512-AAH/",
    purl: "pkg:npm/%40grpc/grpc-js@1.14.7",
  }];
  const text = JSON.stringify(document(components));
  assert.equal(text, JSON.stringify(document(components)));
  assert.ok(text.includes('"checksums":[{"algorithm":"SHA512","checksumValue":"0001ff"}]'));
  assert.ok(text.includes("pkg:npm/%40grpc/grpc-js@1.14.7"));
  assert.ok(text.includes('"created":"2023-11-14T22:13:20Z"'));
  assert.ok(text.includes('{"algorithm":"SHA1","checksumValue":"cd34"}'));
});
