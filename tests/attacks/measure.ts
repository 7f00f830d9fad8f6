/** What an attack does to its target, from the outside. @module */
import { pause, within } from "../faults/fault.ts";
import { type Attack, type Outcome, type Scale, type User, type Way } from "./attack.ts";
import { Bystander } from "./bystander.ts";
import { Host, type HostAttack } from "./host.ts";
import { zeros } from "./images.ts";
import { Target } from "./target.ts";
import { upload } from "./uploads.ts";

/** The slowest answer that a well-behaved client may get beside an attack, in milliseconds. */
export const PATIENCE_MS = 1_000;
/** How much more memory the exporter may have after an attack, in MB. */
const MORE_MB = 50;
/** How long memory and descriptors may take to be what they were, in milliseconds. */
const SETTLE_MS = 30_000;
/** Sockets of the bystander and of the exporter's own that come and go. */
const MORE_DESCRIPTORS = 2;
/** How long a target is left alone before it is measured, in milliseconds. */
const WARM_MS = 750;

/** How an attack is made. */
export interface Setting {
  readonly way: Way;
  readonly user: User;
  readonly scale: Scale;
  /** @default {@linkcode PATIENCE_MS} */
  readonly patienceMs?: number;
}

/** Attacks a fresh exporter, and tells what became of it. */
export async function measure(attack: Attack, setting: Setting): Promise<Outcome> {
  const { way, user, scale, patienceMs = PATIENCE_MS } = setting;
  await using target = await Target.start({ way, user, descriptors: attack.descriptors });
  using bystander = new Bystander(await target.address());
  target.uuids = await within(bystander.uuids, 30_000, "Cannot see the first answer");
  await warmUp(target);
  bystander.reset();
  const before = await holdings(target.pid);
  await forgetPeak(target.pid);
  const broken: string[] = [];
  const seen = await attack.run(target, scale).catch((error: Error) => {
    broken.push(error.message);
    return "";
  });
  const after = await settled(target, before);
  const { slowestMs, failure } = bystander;
  if (!target.alive) broken.push(`the exporter ended: ${target.log.slice(-2_000)}`);
  if (failure) broken.push(`the client beside it was told: ${failure}`);
  if (slowestMs > patienceMs) {
    broken.push(`the client beside it waited ${Math.round(slowestMs)} ms`);
  }
  if (after.mb > before.mb + MORE_MB) broken.push(`memory: ${before.mb} MB became ${after.mb} MB`);
  if (after.descriptors > before.descriptors + MORE_DESCRIPTORS) {
    broken.push(`descriptors: ${before.descriptors} became ${after.descriptors}`);
  }
  const memoryMb = [before.mb, after.peakMb, after.mb] as const;
  const descriptors = [before.descriptors, after.descriptors] as const;
  const effect = { slowestMs, memoryMb, descriptors };
  return { name: attack.name, user, way, seen, broken, effect };
}

/** Attacks from the host, and tells what became of it. */
export async function endure(attack: HostAttack, user: User): Promise<Outcome> {
  await using host = await Host.open(user);
  const { name } = attack;
  try {
    return { name, user, way: "host", seen: await attack.run(host), broken: [] };
  } catch (error) {
    return { name, user, way: "host", seen: "", broken: [(error as Error).message] };
  }
}

/** What the first image makes the exporter load and open stays, and is no harm done. */
async function warmUp(target: Target): Promise<void> {
  const clients = await target.clients();
  await upload(target, clients, "xz", [await zeros("xz", 1)]);
  await clients.close();
  await pause(WARM_MS);
}

interface Holdings {
  readonly mb: number;
  readonly peakMb: number;
  readonly descriptors: number;
}

async function holdings(pid: number): Promise<Holdings> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  const field = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024);
  const entries = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`)).catch(() => []);
  return { mb: field("VmRSS"), peakMb: field("VmHWM"), descriptors: entries.length };
}

/** Starts to measure the peak of resident memory anew. */
async function forgetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** What the exporter has once it is no more than before, or after a while. */
async function settled(target: Target, before: Holdings): Promise<Holdings> {
  for (const end = Date.now() + SETTLE_MS;; await pause(500)) {
    const now = await holdings(target.pid);
    const calm = now.mb <= before.mb + MORE_MB &&
      now.descriptors <= before.descriptors + MORE_DESCRIPTORS;
    if (calm || !target.alive || Date.now() > end) return now;
  }
}
