/** Compressed images that are damaged, in all four encodings. @module */
import { STEPPERS } from "../../src/codec/steppers.ts";
import type { Output } from "../../src/codec/transcoder.ts";
import { codecFor } from "../../src/codec/encoding.ts";
import { DriverError } from "../../src/wire/error.ts";
import { join } from "../attacks/bytes.ts";
import type { Random } from "./random.ts";
import type { Subject } from "./subject.ts";

/** How much of a damaged image is read, in bytes: it may claim to be endless. */
const ENOUGH = 4 * 1024 * 1024;

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function compressed(encoding: string, bytes: Uint8Array): Promise<Uint8Array> {
  return join(...await Array.fromAsync(codecFor(encoding).encode(once(bytes))));
}

/** Intact contents to damage: empty, letters, noise, zeros. */
async function wholes(encoding: string): Promise<Uint8Array[]> {
  const noise = crypto.getRandomValues(new Uint8Array(500));
  const letters = new TextEncoder().encode("the quick brown fox ".repeat(40));
  return await Promise.all(
    [new Uint8Array(), letters, noise, new Uint8Array(70_000)].map((bytes) =>
      compressed(encoding, bytes)
    ),
  );
}

/** Part of an image: whole ones, damaged, one after the other. */
function damaged(random: Random, some: readonly Uint8Array[]): Uint8Array {
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    const whole = random.pick(some);
    return random.chance(0.6) ? random.mutate(whole) : whole;
  });
  return random.mutate(join(...parts));
}

/** Decodes as the exporter does; only errors that blame the client are allowed. */
function decoded(encoding: string, some: readonly Uint8Array[]): Subject {
  return {
    name: `images-in-${encoding}`,
    weight: 0.25,
    async converse(random) {
      const pieces = async function* () {
        for (const piece of random.pieces(damaged(random, some))) {
          yield await Promise.resolve(piece);
        }
      };
      let count = 0;
      try {
        for await (const { length } of codecFor(encoding).decode(pieces())) {
          count += length;
          if (count > ENOUGH) return;
        }
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
      }
    },
  };
}

/** Decodes without a worker for each image, which would take most of the time. */
function stepped(name: "xz" | "bzip2", some: readonly Uint8Array[]): Subject {
  return {
    name: `images-in-${name}`,
    weight: 0.25,
    converse(random) {
      const stepper = STEPPERS[`${name} decoder`]();
      let count = 0;
      try {
        for (const piece of random.pieces(damaged(random, some))) {
          for (const output of stepper.push(piece)) count += lengthOf(output);
          if (count > ENOUGH) return;
        }
        for (const output of stepper.finish()) count += lengthOf(output);
      } catch (error) {
        // A plain Error reports bad data; any other class is a bug of the decoder.
        if ((error as Error).constructor !== Error) throw error;
      }
    },
  };
}

/** Grants all memory that a decoder asks for. */
function lengthOf(output: Output): number {
  return output instanceof Uint8Array ? output.length : 0;
}

/** One for each encoding. */
export async function images(): Promise<Subject[]> {
  return [
    decoded("gzip", await wholes("gzip")),
    decoded("zstd", await wholes("zstd")),
    stepped("xz", await wholes("xz")),
    stepped("bzip2", await wholes("bz2")),
  ];
}
