/**
 * Generates `src/wire/gen` from `proto/` with tools from npm alone: buf compiles, ts-proto writes
 * TypeScript. `deno task gen` updates the tree; `--out DIR` writes to another folder, so that a test
 * can compare.
 *
 * @module
 */
/** The compiler of `proto/`; pinned, because its output is compared. */
export const BUF = "npm:@bufbuild/buf@1.70.0";
const TS_PROTO = "npm:ts-proto@2.18.0/protoc-gen-ts_proto";

const root = new URL("../", import.meta.url).pathname;

/** Generates all messages and services of `proto/` into `out`, which is emptied first. */
export async function generate(out: string): Promise<void> {
  const template = {
    version: "v2",
    clean: true,
    plugins: [{
      local: [Deno.execPath(), "run", "-A", TS_PROTO],
      out,
      strategy: "all",
      include_imports: true,
      include_wkt: true,
      opt: [
        "env=both",
        "esModuleInterop=true",
        "outputServices=grpc-js",
        "forceLong=number",
        "importSuffix=.ts",
        "useExactTypes=false",
        "outputJsonMethods=false",
        "outputPartialMethods=true",
        "unrecognizedEnum=true",
      ],
    }],
  };
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", BUF, "generate", "--template", JSON.stringify(template), "."],
    cwd: `${root}proto`,
  }).output();
  if (!success) throw new Error(`Cannot generate: ${new TextDecoder().decode(stderr)}`);
  await leaveOutClients(out);
}

const GRPC_IMPORT = /import \{([^}]*)\} from "@grpc\/grpc-js";/;
const ONLY_CLIENTS = /\b(makeGenericClientConstructor|ChannelCredentials|ClientOptions),/g;
const CLIENT = /^export const \w+ = makeGenericClientConstructor\([^]*?^\};\n\n?/gm;

/**
 * Removes the clients from the generated files, except their types, so that importing a message does
 * not load grpc-js, which takes a third of an exporter's start. `src/wire/grpc_js/clients.ts` makes them.
 */
async function leaveOutClients(dir: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (isDirectory) await leaveOutClients(path);
    else {
      const text = await Deno.readTextFile(path);
      const typesOnly = text
        .replace(GRPC_IMPORT, (_line, names: string) => {
          const types = names.replace(ONLY_CLIENTS, "").replace(
            /\btype /g,
            "",
          );
          return `import type {${types}} from "@grpc/grpc-js";`;
        })
        .replace(CLIENT, "");
      if (typesOnly !== text) await Deno.writeTextFile(path, typesOnly);
    }
  }
}

if (import.meta.main) {
  const [flag, dir] = Deno.args;
  await generate(flag === "--out" && dir ? dir : `${root}src/wire/gen`);
}
