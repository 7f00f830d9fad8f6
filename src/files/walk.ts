/** Opens a folder step by step along its path, and checks each step before the next. @module */
import { Descriptor, type FileInfo, OPEN, openAt } from "../libc/files.ts";
import { SystemError } from "../libc/libc.ts";
import { distrust, type TrustOptions, UnsafePlace } from "./trust.ts";

/** Most links on a path, as in the kernel. */
const MAX_LINKS = 40;

/** How to open a folder. */
export interface FolderOptions extends Omit<TrustOptions, "self"> {
  /** Permissions of the folders on the path, and of the last one, that are created if missing. */
  readonly create?: number;
}

/** An open folder of the path. */
interface Step {
  readonly folder: Descriptor;
  readonly path: string;
}

/**
 * Opens a folder that only the exporter's user and root can change or replace: neither the
 * folder nor any above it. A link on the path is followed if the same is true of the link.
 *
 * @param path absolute.
 * @throws {UnsafePlace} if another user can.
 * @throws {SystemError} if it is missing or cannot be opened.
 */
export function openFolder(path: string, options: FolderOptions = {}): Descriptor {
  if (!path.startsWith("/")) {
    throw new UnsafePlace(`expected an absolute path of a folder, found '${path}'`);
  }
  const walk = new Walk(options);
  try {
    return walk.to(path);
  } finally {
    walk.close();
  }
}

class Walk {
  readonly #options: FolderOptions;
  /** The folders from the root on. */
  readonly #steps: Step[] = [];
  #links = 0;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  to(path: string): Descriptor {
    this.#enter(openAt(undefined, "/", OPEN.PATH | OPEN.DIRECTORY), "/");
    this.#follow(path);
    const { folder, path: shown } = this.#steps.pop()!;
    const problem = distrust(shown, folder.info(), this.#options);
    if (!problem) return folder;
    folder[Symbol.dispose]();
    throw new UnsafePlace(problem);
  }

  close(): void {
    for (const { folder } of this.#steps) folder[Symbol.dispose]();
  }

  #follow(path: string): void {
    if (path.startsWith("/")) this.#back(1);
    for (const name of path.split("/")) {
      if (name === "..") this.#back(Math.max(1, this.#steps.length - 1));
      else if (name !== "" && name !== ".") this.#step(name);
    }
  }

  #step(name: string): void {
    const { folder, path } = this.#steps.at(-1)!;
    const place = path === "/" ? `/${name}` : `${path}/${name}`;
    const next = this.#open(folder, name, place);
    const info = next.info();
    if (info.type !== "link") return this.#enter(next, place, info);
    next[Symbol.dispose]();
    const problem = distrust(place, info, this.#options);
    if (problem) throw new UnsafePlace(problem);
    if (++this.#links > MAX_LINKS) throw new SystemError(`Cannot open ${place}`, "ELOOP");
    this.#follow(Deno.readLinkSync(`${folder.path}/${name}`));
  }

  #open(folder: Descriptor, name: string, place: string): Descriptor {
    try {
      return openAt(folder, name, OPEN.PATH | OPEN.NOFOLLOW);
    } catch (error) {
      const { code } = error as SystemError;
      if (code !== "ENOENT" || this.#options.create === undefined) {
        throw new SystemError(`Cannot open ${place}`, code);
      }
      make(`${folder.path}/${name}`, place, this.#options.create);
      return openAt(folder, name, OPEN.PATH | OPEN.NOFOLLOW);
    }
  }

  /** Checks a folder of the path, which may be sticky unless it is the last one. */
  #enter(folder: Descriptor, path: string, info: FileInfo = folder.info()): void {
    this.#steps.push({ folder, path });
    if (info.type !== "directory") throw new SystemError(`Cannot open ${path}`, "ENOTDIR");
    const problem = distrust(path, info, { ...this.#options, sticky: true });
    if (problem) throw new UnsafePlace(problem);
  }

  /** Goes back up until `count` folders are left. */
  #back(count: number): void {
    for (const { folder } of this.#steps.splice(count)) folder[Symbol.dispose]();
  }
}

function make(path: string, place: string, mode: number): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
    // Independent of the umask. No other user can have replaced it: the path above is trusted.
    Deno.chmodSync(path, mode);
  } catch (error) {
    // Another process of this user may have been faster; its owner is checked next.
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw new SystemError(`Cannot make ${place}`, (error as { code?: string }).code ?? "EIO");
  }
}
