/** The Ansible collection, run against a host. @module */
import { attempt } from "../../scripts/build/run.ts";
import type { Host } from "./host.ts";

const collection = new URL("../../scripts/ansible", import.meta.url).pathname;

/** The outcome of a run, by Ansible's own count. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly output: string;
}

/** Runs the collection's playbook over ssh with these variables. */
export async function provision(
  host: Host,
  variables: Record<string, unknown>,
  flags: readonly string[] = [],
): Promise<Recap> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-fleet-" });
  try {
    const home = `${dir}/ansible_collections/jmp`;
    await Deno.mkdir(home, { recursive: true });
    await Deno.symlink(collection, `${home}/fleet`);
    const inventory = {
      exporters: {
        hosts: {
          bench: {
            ansible_host: "127.0.0.1",
            ansible_port: host.port,
            ansible_user: "root",
            ansible_ssh_common_args: host.options.join(" "),
            ...variables,
          },
        },
      },
    };
    await Deno.writeTextFile(`${dir}/inventory.yml`, JSON.stringify(inventory));
    const command = ["ansible-playbook", "-i", `${dir}/inventory.yml`, ...flags, "jmp.fleet.site"];
    const { stdout, stderr } = await attempt(command, {
      env: {
        ANSIBLE_COLLECTIONS_PATH: dir,
        ANSIBLE_HOME: dir,
        ANSIBLE_LOCAL_TEMP: dir,
        ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=5s",
        ANSIBLE_SSH_CONTROL_PATH_DIR: `${dir}/ssh`,
        LC_ALL: "C.UTF-8",
      },
      timeoutMs: 900_000,
    });
    return recap(stdout + stderr);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function recap(output: string): Recap {
  const count = (name: string) => {
    const found = new RegExp(`^bench .*\\b${name}=(\\d+)`, "m").exec(output);
    if (!found) throw new Error(`Cannot find Ansible's recap in:\n${output}`);
    return Number(found[1]);
  };
  return {
    ok: count("ok"),
    changed: count("changed"),
    failed: count("failed") + count("unreachable"),
    output,
  };
}
