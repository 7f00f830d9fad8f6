/** A neighbour who repeatedly swaps a folder of the storage with a link out of it. @module */
import type { Attack } from "./attack.ts";
import { NEIGHBOUR } from "./host.ts";
import type { Target } from "./target.ts";
import { callDriver } from "./uploads.ts";

const OUTSIDE = "outside";

/** All operations of a storage on paths in the swapped folder. */
const OPERATIONS: readonly ((target: Target, call: Call) => Promise<unknown>)[] = [
  async (_, call) => {
    const file = await call("open", "d/f", "wb");
    await call("file_close", file);
  },
  (_, call) => call("create_dir", "d/made/"),
  (_, call) => call("delete", "d/f"),
  (_, call) => call("remove_all", "d/"),
  (_, call) => call("rename", "mine", "d/moved"),
  (_, call) => call("copy", "d/f", "copied"),
  (_, call) => call("stat", "d/f"),
];

type Call = (method: string, ...args: unknown[]) => Promise<unknown>;

/** @see module */
export const swappedFolders: Attack = {
  name: "swapped-folders",
  async run(target, scale) {
    const root = `${target.dir}/storage`;
    const outside = `${target.dir}/${OUTSIDE}`;
    await Deno.chmod(target.dir, 0o755);
    await Deno.chmod(root, 0o1777);
    await Deno.mkdir(outside);
    await Deno.mkdir(`${root}/d`);
    await Deno.writeTextFile(`${outside}/f`, OUTSIDE);
    const { uid, gid } = await Deno.stat(root);
    for (const path of [outside, `${outside}/f`]) await Deno.chown(path, uid, gid);
    await Deno.symlink(outside, `${root}/l`);
    for (const path of [`${root}/d`, `${root}/l`]) await chownLink(path);
    await Deno.chmod(`${root}/d`, 0o777);
    const neighbour = new Worker(new URL("./swap_worker.ts", import.meta.url), { type: "module" });
    let swaps: number | undefined;
    neighbour.onmessage = ({ data }: MessageEvent<number>) => swaps = data;
    neighbour.postMessage({ folder: root, ms: scale.pick(8_000, 2_000) });
    const client = await target.client();
    const call: Call = (method, ...args) => callDriver(target, client, "storage", method, ...args);
    let count = 0;
    for (; swaps === undefined; count++) {
      await OPERATIONS[count % OPERATIONS.length]!(target, call).catch(() => {});
    }
    await client[Symbol.asyncDispose]();
    neighbour.terminate();
    const left = [...Deno.readDirSync(outside)].map(({ name }) => name).sort();
    const text = await Deno.readTextFile(`${outside}/f`).catch(() => "removed");
    if (left.join() !== "f" || text !== OUTSIDE) {
      throw new Error(`it was led out of the storage: ${left.join()}, f: ${JSON.stringify(text)}`);
    }
    return `${count} operations beside ${swaps} swaps`;
  },
};

async function chownLink(path: string): Promise<void> {
  await new Deno.Command("chown", { args: ["-h", `${NEIGHBOUR}:${NEIGHBOUR}`, path] }).output();
}
