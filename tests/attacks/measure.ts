/** Measures the effect of an attack on its target from outside. @module */
import { pause, within } from "../faults/fault.ts";
import { type Attack, type Outcome, type Scale, type User, type Way } from "./attack.ts";
import { Bystander } from "./bystander.ts";
import { Host, type HostAttack } from "./host.ts";
import { zeros } from "./images.ts";
import { Target } from "./target.ts";
import { upload } from "./uploads.ts";

/** The slowest allowed answer to a well-behaved client during an attack, in milliseconds. */
export const PATIENCE_MS = 1_000;
/** Allowed growth of the exporter's memory after an attack, in MB. */
const MORE_MB = 50;
/** How long memory and descriptors may take to shrink again, in milliseconds. */
const SETTLE_MS = 30_000;
/** Allowed growth of descriptors: sockets of the bystander and the exporter come and go. */
const MORE_DESCRIPTORS = 2;
/** How long a target is idle before it is measured, in milliseconds. */
const WARM_MS = 750;

/** Options of a measurement. */
export interface Setting {
  readonly way: Way;
  readonly user: User;
  readonly scale: Scale;
  /** @default {@linkcode PATIENCE_MS} */
  readonly patienceMs?: number;
}

/** Attacks a fresh exporter. @returns the outcome */
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
  if (failure) broken.push(`another client got an error: ${failure}`);
  if (slowestMs > patienceMs) {
    broken.push(`another client waited ${Math.round(slowestMs)} ms`);
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

/** Attacks from the host. @returns the outcome */
export async function endure(attack: HostAttack, user: User): Promise<Outcome> {
  await using host = await Host.open(user);
  const { name } = attack;
  try {
    return { name, user, way: "host", seen: await attack.run(host), broken: [] };
  } catch (error) {
    return { name, user, way: "host", seen: "", broken: [(error as Error).message] };
  }
}

/** Sends one image first: what it makes the exporter load and open stays, and must not count. */
async function warmUp(target: Target): Promise<void> {
  const client = await target.client();
  await upload(target, client, "xz", [await zeros("xz", 1)]);
  await client[Symbol.asyncDispose]();
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

/** Resets the peak of resident memory. */
async function forgetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** The exporter's memory and descriptors when they have shrunk, or after a bounded wait. */
async function settled(target: Target, before: Holdings): Promise<Holdings> {
  for (const end = Date.now() + SETTLE_MS;; await pause(500)) {
    const now = await holdings(target.pid);
    const calm = now.mb <= before.mb + MORE_MB &&
      now.descriptors <= before.descriptors + MORE_DESCRIPTORS;
    if (calm || !target.alive || Date.now() > end) return now;
  }
}
