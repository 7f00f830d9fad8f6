/** WebAssembly modules alone: TypeScript knows no way to import them without an instance. */
import source libbzip2 from "bzip2-wasm/bzip2-1.0.8/bzip2.wasm";
import source liblzma from "node-liblzma/wasm/liblzma.wasm";

export { libbzip2, liblzma };
