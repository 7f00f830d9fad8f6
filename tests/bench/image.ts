/** The image that storages are written with. @module */

/** A file, plain and packed. */
export interface Image {
  readonly plain: string;
  readonly gzip: string;
  /** Size of the plain one. */
  readonly mb: number;
}

const MEGA = 1_000_000;

/** Writes an image of `mb` MB, half of which is noise and half zeros, into `dir`. */
export async function writeImage(dir: string, mb: number): Promise<Image> {
  const plain = `${dir}/image`;
  const gzip = `${plain}.gz`;
  const noise = new Uint8Array(MEGA / 2);
  for (let at = 0; at < noise.length; at += 50_000) {
    crypto.getRandomValues(noise.subarray(at, at + 50_000));
  }
  const block = new Uint8Array(MEGA);
  block.set(noise);
  {
    using file = await Deno.open(plain, { write: true, create: true });
    for (let count = 0; count < mb; count++) await file.write(block);
  }
  using source = await Deno.open(plain);
  await using target = await Deno.open(gzip, { write: true, create: true });
  await source.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(target.writable);
  return { plain, gzip, mb };
}
