import assert from "node:assert/strict";
import { Log } from "../log/log.ts";
import { type PassphraseOptions, readPassphrase } from "./passphrase.ts";

interface Asked {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, { text: string; mode?: number }>;
  /** `DIR` stands for the folder of the files. */
  readonly options?: PassphraseOptions;
}

interface Answer {
  readonly passphrase?: string | undefined;
  readonly refusal?: string;
  readonly warnings: string[];
}

async function ask({ env = {}, files = {}, options = {} }: Asked): Promise<Answer> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-passphrase-" });
  const warnings: string[] = [];
  const log = new Log([({ message }) => void warnings.push(message.replaceAll(dir, "DIR"))]);
  try {
    for (const [name, { text, mode = 0o600 }] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/${name}`, text);
      await Deno.chmod(`${dir}/${name}`, mode);
    }
    const named = Object.entries(env).map(([name, value]) => [name, value.replace("DIR", dir)]);
    const file = options.passphraseFile?.replace("DIR", dir);
    const passphrase = await readPassphrase(
      { ...options, ...(file !== undefined && { passphraseFile: file }) },
      Object.fromEntries(named),
      log,
    );
    return { passphrase, warnings };
  } catch (error) {
    return { refusal: (error as Error).message.replaceAll(dir, "DIR"), warnings };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const file = (text: string, mode?: number) => ({ "passphrase": { text, ...(mode && { mode }) } });
const FILE = { passphraseFile: "DIR/passphrase" };
const CREDENTIALS = { CREDENTIALS_DIRECTORY: "DIR" };

Deno.test("readPassphrase() reads an argument, a file, a variable and a credential", async () => {
  assert.equal((await ask({})).passphrase, undefined);
  const cases: Asked[] = [
    { options: { passphrase: "open sesame" } },
    { options: FILE, files: file("open sesame") },
    { options: FILE, files: file("open sesame\n") },
    { options: FILE, files: file("open sesame\r\n") },
    { env: { JMP_PASSPHRASE: "open sesame" } },
    { env: { JMP_GRPC_PASSPHRASE: "open sesame" } },
    { env: CREDENTIALS, files: file("open sesame\n") },
    { env: CREDENTIALS, files: file("open sesame\n"), options: { passphraseFile: "passphrase" } },
    { env: { JMP_PASSPHRASE: "open sesame" }, options: { passphrase: "open sesame" } },
    { env: { JMP_GRPC_PASSPHRASE: "another" }, options: { passphrase: "open sesame" } },
  ];
  for (const asked of cases) {
    assert.equal((await ask(asked)).passphrase, "open sesame", JSON.stringify(asked));
  }
});

Deno.test("readPassphrase() refuses sources with different passphrases", async () => {
  const argument = await ask({ options: { passphrase: "a" }, env: { JMP_PASSPHRASE: "b" } });
  assert.match(argument.refusal!, /^--passphrase and JMP_PASSPHRASE give different passphrases/);
  const both = await ask({ options: { passphrase: "a", ...FILE }, files: file("b") });
  assert.match(both.refusal!, /^--passphrase and DIR\/passphrase give different/);
  const credential = await ask({ env: { ...CREDENTIALS, JMP_PASSPHRASE: "a" }, files: file("b") });
  assert.match(credential.refusal!, /^JMP_PASSPHRASE and DIR\/passphrase give different/);
});

Deno.test("readPassphrase() refuses unusable passphrases from every source, without showing them", async () => {
  const long = "x".repeat(1025);
  const cases: [string, RegExp][] = [
    ["", /expected a passphrase, found nothing \(an unset variable\?\)/],
    ["  ", /found only blanks/],
    [" secret", /no blanks at its beginning and end/],
    ["secret ", /no blanks at its beginning and end/],
    ["sécret", /printable ASCII/],
    ["sec\tret", /printable ASCII/],
    ["sec\x7fret", /printable ASCII/],
    ["secret\n\nmore", /expected one line/],
    [long, /at most 1024 characters|larger than 1026 bytes/],
  ];
  for (const [text, expected] of cases) {
    const sources: [string, Asked][] = [
      ["--passphrase", { options: { passphrase: text } }],
      ["JMP_PASSPHRASE", { env: { JMP_PASSPHRASE: text } }],
      ["JMP_GRPC_PASSPHRASE", { env: { JMP_GRPC_PASSPHRASE: text } }],
      ["DIR/passphrase", { options: FILE, files: file(text) }],
      ["DIR/passphrase", { env: CREDENTIALS, files: file(text) }],
    ];
    for (const [source, asked] of sources) {
      const { refusal } = await ask(asked);
      assert.match(refusal ?? "none", expected, source);
      assert.ok(refusal!.includes(source), `${source} is missing in: ${refusal}`);
      if (text.trim() !== "") assert.ok(!refusal!.includes(text.trim()));
    }
  }
});

Deno.test("readPassphrase() warns about an argument, and about a file that others can read", async () => {
  const { warnings } = await ask({ options: { passphrase: "secret" } });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /every user of this host can read it/);
  assert.deepEqual((await ask({ options: FILE, files: file("secret") })).warnings, []);
  const read = await ask({ options: FILE, files: file("secret", 0o644) });
  assert.equal(read.passphrase, "secret");
  assert.match(
    read.warnings.join(),
    /All users .* can read the passphrase in DIR\/passphrase \(mode 0644\)/,
  );
  const changed = await ask({ options: FILE, files: file("secret", 0o606) });
  assert.match(
    changed.refusal!,
    /all users of this host can change it \(mode 0606\); run: chmod o= DIR/,
  );
});

Deno.test("readPassphrase() names a file that is missing, a folder, a device or too large", async () => {
  const refusal = async (asked: Asked) => (await ask(asked)).refusal;
  assert.match((await refusal({ options: FILE }))!, /^--passphrase-file: cannot read DIR\/pass/);
  assert.match(
    (await refusal({ options: { passphraseFile: "DIR" } }))!,
    /cannot read DIR: it is a folder/,
  );
  const huge = file("x".repeat(5000));
  assert.match((await refusal({ options: FILE, files: huge }))!, /it is larger than 1026 bytes/);
  assert.match(
    (await refusal({ options: { passphraseFile: "/dev/zero" } }))!,
    /cannot read \/dev\/zero: it is a device/,
  );
});

Deno.test("readPassphrase() reads a pipe, as from <(command) in a shell", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-passphrase-" });
  const path = `${dir}/pipe`;
  assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
  const writer = new Deno.Command("sh", { args: ["-c", `echo secret > ${path}`] }).spawn();
  assert.equal(await readPassphrase({ passphraseFile: path }, {}, new Log()), "secret");
  await writer.status;
  await Deno.remove(dir, { recursive: true });
});
