/** The images that `flash` and `dump` name. @module */
import { type Context, JError } from "../context.ts";
import { isUrl } from "../transfer_ends.ts";

/** A file, and the part of a device that it is for. */
export interface Image {
  readonly file: string;
  /** null where the driver chooses. */
  readonly target: string | null;
}

/** Limits of a class of flashers. */
export interface Restrictions {
  /** Why there are no targets; undefined if there are. */
  readonly noTargets?: string;
  /** The effect of `--compression` on a URL: the exporter detects how its content is compressed. */
  readonly urlCompression: "refused" | "ignored";
}

/**
 * The images of `flash FILE` and of `flash -t TARGET:FILE…`; a later one for the same target
 * replaces the one before.
 *
 * @throws {JError} when none is named, or some would not be flashed
 */
export function imagesOf(files: readonly string[], specs: readonly string[]): Image[] {
  const [file, ...more] = files;
  if (specs.length === 0) {
    if (file === undefined) throw new JError("FILE is missing: name one, or use --target");
    if (more.length > 0) throw new JError(`expected one FILE, found more: ${more.join(" ")}`);
    return [{ file, target: null }];
  }
  if (file !== undefined) throw new JError(`--target names the files already; remove ${file}`);
  const byTarget = new Map(specs.map(parseSpec));
  return [...byTarget].map(([target, file]) => ({ target, file }));
}

function parseSpec(spec: string): [target: string, file: string] {
  const colon = spec.indexOf(":");
  if (colon < 0) throw new JError(`--target: expected TARGET:FILE, found '${spec}'`);
  return [spec.slice(0, colon), spec.slice(colon + 1)];
}

/** Checks images against the restrictions before anything is done. @throws {JError} */
export function checkImages(
  images: readonly Image[],
  compression: string | undefined,
  { noTargets, urlCompression }: Restrictions,
  { output }: Context,
): void {
  const target = images.find(({ target }) => target !== null)?.target;
  if (noTargets !== undefined && target) throw new JError(`${noTargets}, found ${target}`);
  const standard = images.filter(({ file }) => file === "-");
  if (standard.length > 1) throw new JError("standard input can be only one of the files");
  const url = images.find(({ file }) => isUrl(file))?.file;
  if (compression === undefined || url === undefined) return;
  const text = `--compression has no effect on ${url}: the exporter sees how it is compressed`;
  if (urlCompression === "refused") throw new JError(text);
  output.say(text);
}
