/** Checks what works under the restrictions of `jmp@.service`, and what does not. @module */
import assert from "node:assert/strict";
import type { Host } from "./host.ts";

/** The unit's exposure by systemd's own measure, times ten. */
const MOST_EXPOSED = 21;

/** A port that echoes until its user closes it. */
const ECHO_PTY = `import os, pty, pwd, sys, tty
ours, theirs = pty.openpty()
tty.setraw(theirs)
os.chown(os.ttyname(theirs), pwd.getpwnam("jumpstarter").pw_uid, -1)
open("/run/echo-pty", "w").write(os.ttyname(theirs))
while True:
    os.write(ours, os.read(ours, 4096))
`;

/** A custom driver, in a worker; \`log.info\` reports what it could do. */
const DRIVER = `export default ({ defineDriver, z }) => defineDriver({
  client: "jumpstarter_driver_power.client.PowerClient",
  config: z.strictObject({}),
  open() {
    const add = (a: number, b: number): number => a + b;
    for (let i = 0; i < 1e6; i++) add(i, i);
    const { stdout } = new Deno.Command("bash", { args: ["-c", "echo from $((6 * 7))"] }).outputSync();
    if (new TextDecoder().decode(stdout) !== "from 42\\n") throw new Error("no processes");
    return { calls: { on() {}, off() {} } };
  },
});
`;

/** Commands that a hook may run: each line must succeed. */
const ALLOWED = [
  `bash -c 'set -m; sleep 0.1 & wait; cat <(echo x) | grep -q x'`,
  "nice -n 5 true",
  "cd $(mktemp -d) && touch a && cp -p a b && chown $(id -u):$(id -g) b && mkfifo c",
  "python3 -c 'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15).bind((0, 1))'",
  "python3 -c 'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))'",
  "python3 -c 'import pty, termios; termios.tcgetattr(pty.openpty()[1])'",
  "python3 -c 'import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (64, 64))'",
  "python3 -c 'import multiprocessing as m; m.Lock(); m.Pipe(); m.Process(target=print).start()'",
  "python3 -c 'import mmap; mmap.mmap(-1, 4096).write(bytes(8))'",
  // ssh exits with 255 because no server listens, after it has dropped privileges.
  "ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p 1 127.0.0.1 true; test $? = 255",
  `test "$(ulimit -Sc) $(umask)" = "0 0077"`,
  "j power on",
  // The program's own, whatever else is on PATH.
  `"\${PATH##*:}/j" power off`,
  `printf %s "$JUMPSTARTER_HOST" | grep -q . && test -S "$JUMPSTARTER_HOST"`,
];

/** Commands that must fail with an error of a system call, not by a signal. */
const DENIED = [
  "mount -t tmpfs none /mnt",
  "unshare --user true",
  "python3 -c 'import ctypes, os; c = ctypes.CDLL(None, use_errno=True); " +
  "c.ptrace(16, os.getppid(), 0, 0); raise SystemExit(ctypes.get_errno())'",
  "touch /etc/jumpstarter/x",
  "cat /etc/shadow",
];

/** The config of an exporter with all of these. */
export function unitConfig(pty: string): Record<string, unknown> {
  const lines = [
    ...ALLOWED.map((line) => `( ${line} ) || echo "NOT ALLOWED ($?): ${quote(line)}"`),
    ...DENIED.map((line) =>
      `( ${line} ) 2>/dev/null; s=$?; [ $s -gt 0 ] && [ $s -lt 128 ] || echo "NOT DENIED ($s): ${
        quote(line)
      }"`
    ),
    "echo HOOK IS THROUGH",
  ];
  return {
    export: {
      power: { type: "./unit.ts" },
      echo: { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: pty } },
    },
    hooks: { beforeLease: { script: lines.join("\n"), timeout: 60 } },
  };
}

function quote(line: string): string {
  return line.replace(/["$`\\]/g, "\\$&");
}

/** Puts the port and the driver on the host. @returns the port's path */
export async function prepareUnit(host: Host): Promise<string> {
  await Deno.writeTextFile(`${host.root}/root/echo.py`, ECHO_PTY);
  await Deno.writeTextFile(`${host.root}/etc/jumpstarter/exporters/unit.ts`, DRIVER);
  await host.run("rm -f /run/echo-pty; systemd-run --unit=echo-pty python3 /root/echo.py");
  return await host.until("cat /run/echo-pty");
}

/** Checks the unit's promises after it has served a lease. */
export async function checkUnit(host: Host): Promise<void> {
  const log = await host.run("journalctl --no-pager -o cat -u jmp@unit");
  assert.match(log, /HOOK IS THROUGH/, log);
  assert.doesNotMatch(log, /NOT (ALLOWED|DENIED) \(/, log);
  const pid = await host.run("systemctl show --value -p MainPID jmp@unit");
  assert.deepEqual(await filesOf(host, pid), await roomFor(host, 65_536));
  assert.match(await host.run(`cat /proc/${pid}/status`), /NoNewPrivs:\s1[^]*Seccomp:\s2/);
  assert.equal(
    await host.run("find /run/jumpstarter/unit /var/lib/jumpstarter -type f -perm /077"),
    "",
  );
  await host.run(`systemd-analyze security --threshold=${MOST_EXPOSED} jmp@unit.service`);
}

/** The soft and hard limit of a process's descriptors. */
async function filesOf(host: Host, pid: string): Promise<number[]> {
  const limits = await host.run(`cat /proc/${pid}/limits`);
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits)!;
  return [Number(soft), Number(hard)];
}

/** The host is a container, whose limit may be lower. */
async function roomFor(host: Host, wanted: number): Promise<number[]> {
  const [, hard] = await filesOf(host, "1");
  return [Math.min(wanted, hard!), Math.min(wanted, hard!)];
}
