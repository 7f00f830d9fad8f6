/**
 * Runs the host's commands in the guest. A connection brings one command as a line of
 * JSON and gets its output, then a NUL and the exit code; it ends the command when it is
 * closed before.
 *
 * @module
 */

/** What to run. */
export interface GuestCommand {
  /** For bash. */
  readonly script: string;
  /** @default "root" */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function serve(connection: Deno.TcpConn): Promise<void> {
  const lines = linesOf(connection);
  const { value } = await lines.next();
  if (value === undefined) return connection.close();
  const command: GuestCommand = JSON.parse(value);
  const child = start(command);
  // Whatever comes next is the end of the connection.
  void lines.next().catch(() => {}).then(() => kill(child.pid));
  await Promise.all([pump(child.stdout, connection), pump(child.stderr, connection)]);
  const { code } = await child.status;
  await connection.write(new TextEncoder().encode(`\0${code}`)).catch(() => {});
  connection.close();
}

function start({ script, user = "root", env }: GuestCommand): Deno.ChildProcess {
  const shell = ["bash", "-c", script];
  const argv = user === "root"
    ? shell
    : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--init-groups", ...shell];
  return new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    ...(env && { env: { ...env } }),
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function kill(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function pump(from: ReadableStream<Uint8Array>, to: Deno.TcpConn): Promise<void> {
  for await (const chunk of from) await to.write(chunk).catch(() => {});
}

async function* linesOf(connection: Deno.TcpConn): AsyncGenerator<string> {
  let rest = "";
  const buffer = new Uint8Array(65536);
  for (let count = await connection.read(buffer); count; count = await connection.read(buffer)) {
    rest += new TextDecoder().decode(buffer.subarray(0, count));
    const lines = rest.split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "0.0.0.0", port: Number(Deno.args[0]) });
  Deno.stdout.writeSync(new TextEncoder().encode("rig: agent ready\n"));
  for await (const connection of listener) void serve(connection).catch(() => {});
}
