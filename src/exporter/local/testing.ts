/** Local sockets in a folder of their own, for tests. @module */
import { Log } from "../../log/log.ts";
import "../../libc/testing.ts";
import { LocalServer } from "./server.ts";
import type { LocalTarget } from "./target.ts";

/** A folder in place of `/run/jumpstarter`. */
export class LocalFolder implements AsyncDisposable {
  readonly path: string;
  readonly log: string[] = [];
  readonly #scope = new AsyncDisposableStack();

  constructor() {
    this.path = Deno.makeTempDirSync({ prefix: "jmp-local-" });
    // As that of root: other users may enter it.
    Deno.chmodSync(this.path, 0o755);
    this.#scope.defer(() => Deno.remove(this.path, { recursive: true }));
  }

  /** Opens the socket of `target`, in the folder or in the folder of a unit in it. */
  async open(
    target: LocalTarget,
    { unit = "", group }: { readonly unit?: string; readonly group?: string } = {},
  ): Promise<LocalServer> {
    const variables: Record<string, string | undefined> = {
      RUNTIME_DIRECTORY: unit === "" ? this.path : `${this.path}/${unit}`,
      JMP_LOCAL_GROUP: group,
    };
    const log = new Log([({ message }) => void this.log.push(message)]);
    const server = await LocalServer.open(target, { log, env: (name) => variables[name] });
    if (!server) throw new Error(this.log.join("\n"));
    return this.#scope.use(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }
}
