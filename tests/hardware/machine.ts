/** The guest: a virtual machine without hardware virtualisation, and commands in it. @module */
import type { GuestCommand } from "./guest/agent.ts";
import { debianKernel } from "./kernel.ts";
import { tools } from "./commands.ts";

const here = new URL("./", import.meta.url).pathname;

/** Ports of the guest that are forwarded to the host. */
const GUEST_PORT = { agent: 7001, exporter: 7002 } as const;

/** Longest boot, in ms; an idle machine needs 10 s. */
const BOOT_MS = 180_000;
/** Longest command, in ms. */
const COMMAND_MS = 120_000;

/** A command of the guest that has ended. */
export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** A running guest. */
export class Machine implements AsyncDisposable {
  readonly #qemu: Deno.ChildProcess;
  readonly #console: Promise<void>;
  #log = "";

  /** @internal */
  private constructor(
    qemu: Deno.ChildProcess,
    readonly ports: Record<keyof typeof GUEST_PORT, number>,
  ) {
    this.#qemu = qemu;
    this.#console = this.#read();
  }

  /** Boots; resolves when the guest takes commands. */
  static async boot(): Promise<Machine> {
    if (Deno.build.arch !== "x86_64") {
      throw new Error(`Cannot boot the rig: expected an x86_64 host, found ${Deno.build.arch}`);
    }
    await tools("qemu-system-x86_64", "udevadm", "usbip");
    const kernel = await debianKernel();
    const ports = { agent: freePort(), exporter: freePort() };
    const { DENO_DIR, HOME } = Deno.env.toObject();
    const settings = {
      init: `${here}guest/init.sh`,
      agent: `${here}guest/agent.ts`,
      modules: kernel.modules,
      deno: Deno.execPath(),
      cache: DENO_DIR ?? `${HOME}/.cache/deno`,
    };
    const append = Object.entries(settings).map(([name, value]) => `rig.${name}=${value}`);
    const forwards = Object.entries(GUEST_PORT).map(([name, port]) => {
      return `hostfwd=tcp:127.0.0.1:${ports[name as keyof typeof ports]}-:${port}`;
    });
    // The guest ends with this process, however that ends.
    const qemu = new Deno.Command("setpriv", {
      args: [
        ...["--pdeathsig", "KILL", "qemu-system-x86_64"],
        ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2"],
        ...["-m", "1536", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
        ...["-serial", "stdio", "-kernel", kernel.image, "-initrd", kernel.initrd],
        "-append",
        `console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off random.trust_cpu=on ${
          append.join(" ")
        }`,
        "-fsdev",
        "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap",
        ...["-device", "virtio-9p-pci,fsdev=root,mount_tag=hostroot"],
        ...["-netdev", `user,id=net,${forwards.join(",")}`],
        ...["-device", "virtio-net-pci,netdev=net"],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const machine = new Machine(qemu, ports);
    try {
      await machine.#ready();
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The output of the guest's console. */
  get log(): string {
    return this.#log;
  }

  /** Starts a command; {@linkcode GuestProcess.kill} ends it. */
  async start(command: GuestCommand): Promise<GuestProcess> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.ports.agent });
    await connection.write(new TextEncoder().encode(`${JSON.stringify(command)}\n`));
    return new GuestProcess(command, connection);
  }

  /** Runs a command to its end. */
  async run(script: string, options: Omit<GuestCommand, "script"> = {}): Promise<Finished> {
    await using process = await this.start({ script, ...options });
    return await process.finished();
  }

  /** The output of a command that must succeed. */
  async output(script: string, options: Omit<GuestCommand, "script"> = {}): Promise<string> {
    const { code, output } = await this.run(script, options);
    if (code !== 0) throw new Error(`'${script}' ended in the guest with ${code}:\n${output}`);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#qemu.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#qemu.status;
    await this.#console;
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + BOOT_MS;
    let ended = false;
    void this.#qemu.status.then(() => ended = true);
    while (!this.#log.includes("rig: agent ready")) {
      if (ended || Date.now() > deadline) {
        const found = ended ? "QEMU had ended" : "nothing";
        throw new Error(
          `Expected the guest to be up in ${BOOT_MS / 1000} s, found ${found}:\n${this.#log}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #read(): Promise<void> {
    await Promise.all([this.#qemu.stdout, this.#qemu.stderr].map(async (stream) => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.#log += text;
    }));
  }
}

/** A command in the guest. */
export class GuestProcess implements AsyncDisposable {
  readonly #command: GuestCommand;
  readonly #connection: Deno.TcpConn;
  readonly #ended: Promise<void>;
  #output = "";
  #over = false;

  /** @internal */
  constructor(command: GuestCommand, connection: Deno.TcpConn) {
    this.#command = command;
    this.#connection = connection;
    this.#ended = this.#follow();
  }

  /** Its output so far. */
  get log(): string {
    return this.#output.replace(/\0\d*$/, "");
  }

  /** Waits until the output matches. */
  async saying(pattern: RegExp, timeoutMs = COMMAND_MS): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const match = pattern.exec(this.log);
      if (match) return match;
      if (this.#over || Date.now() > deadline) throw this.#complaint(`to say ${pattern}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for its end. */
  async finished(timeoutMs = COMMAND_MS): Promise<Finished> {
    const timer = setTimeout(() => this.kill(), timeoutMs);
    await this.#ended;
    clearTimeout(timer);
    const [, code] = /\0(\d+)$/.exec(this.#output) ?? [];
    if (code === undefined) throw this.#complaint("to end");
    return { code: Number(code), output: this.log };
  }

  /** Ends it, with its children. */
  kill(): void {
    try {
      this.#connection.close();
    } catch {
      // It has ended by itself.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    try {
      const decoded = this.#connection.readable.pipeThrough(new TextDecoderStream());
      for await (const text of decoded) this.#output += text;
    } catch {
      // The connection was closed here.
    }
    this.#over = true;
  }

  #complaint(expected: string): Error {
    return new Error(`Expected '${this.#command.script}' ${expected}, found:\n${this.log}`);
  }
}

/** A port that is free now, which QEMU opens a moment later. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
