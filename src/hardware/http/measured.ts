/** The size of content before it is sent. @module */
import type { Source } from "../../driver/resources.ts";
import { Once } from "../../driver/source.ts";

/** Content whose size is not known is collected up to so many bytes, to know it if it ends there. */
const MOST_COLLECTED = 4 << 20;

/**
 * Reads the first bytes of `content`: then its size is known if it announces it, or if it is small.
 *
 * @returns all of it, with its size if that is known.
 * @throws what `content` throws.
 */
export async function measured(content: Source): Promise<Once> {
  const chunks: Uint8Array[] = [];
  let collected = 0;
  const rest = content[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await rest.next();
    if (done) return new Once(following(chunks, rest), content.size ?? collected);
    chunks.push(value);
    collected += value.length;
    if (content.size !== undefined || collected > MOST_COLLECTED) {
      return new Once(following(chunks, rest), content.size);
    }
  }
}

async function* following(
  chunks: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
    for (;;) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest.return?.();
  }
}
