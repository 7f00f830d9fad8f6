/** A host of a fleet: a Debian with systemd in a container, reached by ssh. @module */
import { attempt, type Outcome, run } from "../../scripts/build/run.ts";
import { openRoot } from "./debian.ts";

/** How long systemd may take to start or to end: a hang guard. */
const BOOT_MS = 120_000;

/** A running host. */
export class Host implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #scope: AsyncDisposableStack;

  private constructor(
    readonly root: string,
    readonly port: number,
    readonly key: string,
    child: Deno.ChildProcess,
    scope: AsyncDisposableStack,
  ) {
    this.#child = child;
    this.#scope = scope;
  }

  /** Boots one. It shares the network of this machine. */
  static async boot(): Promise<Host> {
    await using scope = new AsyncDisposableStack();
    const { dir } = scope.use(await openRoot("host"));
    const keys = await Deno.makeTempDir({ prefix: "jmp-keys-" });
    scope.defer(() => Deno.remove(keys, { recursive: true }));
    const key = `${keys}/id`;
    await run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]);
    const port = freePort();
    await prepare(dir, key, port);
    const child = new Deno.Command("systemd-nspawn", {
      args: ["--quiet", `--directory=${dir}`, "--register=no", "--keep-unit", "--boot"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const host = new Host(dir, port, key, child, scope.move());
    try {
      await host.until("systemctl is-system-running --wait | grep -E 'running|degraded'", BOOT_MS);
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What ssh and Ansible need to reach it. */
  get options(): readonly string[] {
    return [
      ...["-i", this.key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
      ...["-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10"],
    ];
  }

  /** Runs a shell command as root. */
  attempt(command: string): Promise<Outcome> {
    const target = ["-p", String(this.port), "root@127.0.0.1"];
    return attempt(["ssh", ...this.options, ...target, command], { timeoutMs: BOOT_MS });
  }

  /** The output of a shell command that must succeed. */
  async run(command: string): Promise<string> {
    const { success, stdout, stderr } = await this.attempt(command);
    if (!success) throw new Error(`${command} failed on the host:\n${stdout}${stderr}`);
    return stdout.trim();
  }

  /** Repeats a command until it succeeds. @throws {Error} with its last output */
  async until(command: string, withinMs = BOOT_MS): Promise<string> {
    for (const start = Date.now();;) {
      const { success, stdout, stderr } = await this.attempt(command);
      if (success) return stdout.trim();
      if (Date.now() - start > withinMs) {
        throw new Error(`Expected on the host within ${withinMs / 1000} s: ${command}\n${stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _ = this.#scope;
    await this.attempt("systemctl poweroff").catch(() => {});
    const bound = setTimeout(() => this.#child.kill("SIGKILL"), BOOT_MS);
    await this.#child.status;
    clearTimeout(bound);
  }
}

async function prepare(dir: string, key: string, port: number): Promise<void> {
  await Deno.mkdir(`${dir}/root/.ssh`, { recursive: true, mode: 0o700 });
  await Deno.copyFile(`${key}.pub`, `${dir}/root/.ssh/authorized_keys`);
  await Deno.writeTextFile(
    `${dir}/etc/ssh/sshd_config.d/test.conf`,
    `Port ${port}\nListenAddress 127.0.0.1\nPermitRootLogin prohibit-password\n`,
  );
  await Deno.writeTextFile(`${dir}/etc/hostname`, "bench\n");
  await Deno.writeTextFile(`${dir}/etc/hosts`, "127.0.0.1 localhost bench\n");
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
