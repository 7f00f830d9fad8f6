/**
 * Generates `src/wire/gen` from `proto/` with tools from npm alone: buf compiles, ts-proto writes
 * TypeScript. `deno task gen` updates the tree; `--out DIR` writes to another folder, so that a test
 * can compare. The task also generates the types of custom drivers.
 *
 * @module
 */
import { SDK_TYPES, sdkTypes } from "./sdk_types.ts";

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
  await removeGrpcJs(out);
}

const IMPORT = /^import \{[^}]*\} from "@grpc\/grpc-js";\n/m;
const INTERFACE = /^export interface \w+Service(Client|Server) extends [^]*?^\}\n\n?/gm;
const CONSTRUCTOR = /^export const \w+ = makeGenericClientConstructor\([^]*?^\};\n\n?/gm;

/**
 * Removes from the generated files what refers to grpc-js: clients and servers, but not the
 * definitions of services. Our own gRPC needs no more, and importing a message must not load
 * grpc-js, which takes a third of an exporter's start.
 */
async function removeGrpcJs(dir: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    const path = `${dir}/${name}`;
    if (isDirectory) await removeGrpcJs(path);
    else {
      const text = await Deno.readTextFile(path);
      const lean = [IMPORT, INTERFACE, CONSTRUCTOR].reduce(
        (rest, what) => rest.replace(what, ""),
        text,
      );
      if (lean !== text) await Deno.writeTextFile(path, lean);
    }
  }
}

if (import.meta.main) {
  const [flag, dir] = Deno.args;
  await generate(flag === "--out" && dir ? dir : `${root}src/wire/gen`);
  if (flag !== "--out") await Deno.writeTextFile(`${root}${SDK_TYPES}`, await sdkTypes());
}
