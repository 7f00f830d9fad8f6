/**
 * Software inside of prebuilt files that we include, and the texts of licenses. Versions are those
 * that the files themselves contain.
 *
 * @module
 */

const text = (name: string) =>
  Deno.readTextFileSync(new URL(`./texts/${name}.txt`, import.meta.url)).trim();

/** The texts by SPDX identifier, without copyright lines. */
export const TEXTS = {
  "0BSD": text("0BSD"),
  "Apache-2.0": Deno.readTextFileSync(new URL("../../LICENSE", import.meta.url)).trim(),
  "BSD-3-Clause": text("BSD-3-Clause"),
  "ISC": text("ISC"),
  "MIT": text("MIT"),
  "Unicode-3.0": text("Unicode-3.0"),
} as const;

/** Software inside of a prebuilt file. */
export interface Part {
  readonly name: string;
  readonly version: string | undefined;
  /** The license that we use, where its authors offer a choice. */
  readonly license: string;
  readonly copyright: string;
  /** The file that contains it. */
  readonly of: string;
  /** Where its sources are. */
  readonly home: string;
}

const home = (path: string) => `git+https://github.com/${path}.git`;

/** Deno's executable. Deno's Cargo.lock of this version lists the many Rust crates in it. */
export const OF_RUNTIME: readonly Part[] = [
  {
    name: "deno",
    version: Deno.version.deno,
    license: "MIT",
    copyright: "Copyright 2018-2026 the Deno authors",
    home: home("denoland/deno"),
  },
  {
    name: "v8",
    version: Deno.version.v8,
    license: "BSD-3-Clause",
    copyright: "Copyright 2014, the V8 project authors. All rights reserved.",
    home: home("denoland/rusty_v8"),
  },
  {
    name: "icu",
    version: undefined,
    license: "Unicode-3.0",
    copyright: "Copyright © 1991-2026 Unicode, Inc.\n" +
      "Copyright (c) 1995-2016 International Business Machines Corporation and others",
    home: home("unicode-org/icu"),
  },
  {
    name: "node",
    version: undefined,
    license: "MIT",
    copyright: "Copyright Node.js contributors. All rights reserved.\n" +
      "Copyright Joyent, Inc. and other Node contributors. All rights reserved.",
    home: home("nodejs/node"),
  },
].map((part) => ({ ...part, of: "Deno's executable" }));

/** The WebAssembly modules: code that Emscripten adds to libbzip2 and liblzma. */
export const OF_WASM: readonly Part[] = [
  {
    name: "xz",
    version: "5.8.4",
    license: "0BSD",
    copyright: "Copyright (C) The XZ Utils authors and contributors",
    of: "liblzma.wasm of node-liblzma",
    home: home("tukaani-project/xz"),
  },
  {
    name: "emscripten",
    version: undefined,
    license: "MIT",
    copyright: "Copyright (c) 2010-2014 Emscripten authors, see AUTHORS file.",
    of: "liblzma.wasm of node-liblzma, bzip2.wasm of bzip2-wasm",
    home: home("emscripten-core/emscripten"),
  },
  {
    name: "musl",
    version: undefined,
    license: "MIT",
    copyright: "Copyright © 2005-2020 Rich Felker, et al.",
    of: "liblzma.wasm of node-liblzma, bzip2.wasm of bzip2-wasm",
    home: home("emscripten-core/emscripten"),
  },
];

/** The Rust crates in the addon of `npm:usb`, as its panic messages name them; it has no libusb. */
export const OF_ADDON: readonly Part[] = ([
  ["nusb", "0.2.7", "Apache-2.0", "Copyright Kevin Mehall", "kevinmehall/nusb"],
  ["napi", "3.12.1", "MIT", "Copyright (c) 2020-present LongYinan", "napi-rs/napi-rs"],
  ["napi-sys", "3.3.0", "MIT", "Copyright (c) 2020-present LongYinan", "napi-rs/napi-rs"],
  ["tokio", "1.53.1", "MIT", "Copyright (c) Tokio Contributors", "tokio-rs/tokio"],
  ["rustix", "1.1.4", "Apache-2.0", "Copyright Dan Gohman", "bytecodealliance/rustix"],
  ["slab", "0.4.12", "MIT", "Copyright (c) 2019 Carl Lerche", "tokio-rs/slab"],
  ["once_cell", "1.21.4", "Apache-2.0", "Copyright Aleksey Kladov", "matklad/once_cell"],
  [
    "libloading",
    "0.9.0",
    "ISC",
    "Copyright © 2015, Simonas Kazlauskas",
    "nagisa/rust_libloading",
  ],
  [
    "rust-std",
    undefined,
    "MIT",
    "Copyright (c) The Rust Project Contributors",
    "rust-lang/rust",
  ],
] as const).map(([name, version, license, copyright, path]) => ({
  name,
  version,
  license,
  copyright,
  of: "the addon of usb",
  home: home(path),
}));
