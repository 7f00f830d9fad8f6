/** Storages that clients use file by file. @module */
import { posix } from "node:path";
import {
  type DriverLog,
  type Methods,
  NotSupported,
  type OpenContext,
  type ProbeContext,
  resourceHandle,
  type Value,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { UnsafePlace } from "../../src/files/trust.ts";
import { openFolder } from "../../src/files/walk.ts";
import { oneOf } from "../../src/text/enumerate.ts";
import { capabilityTable } from "./capability.ts";
import { CreatedPaths } from "./created.ts";
import { fromWhence, OpenFiles } from "./files.ts";
import { FsBackend } from "./fs.ts";
import { hash } from "./hash.ts";
import { HttpBackend, type HttpOptions } from "./http.ts";
import type { StorageConfig } from "./config.ts";
import { MemoryBackend } from "./memory.ts";
import { KEYS, schemeOf } from "./scheme.ts";
import { type Backend, type Metadata, Storage } from "./storage.ts";

const path = z.string();
const fd = z.guid();
const seconds = z.int();

/** Checks that the scheme is supported. */
export function probe({ config: { scheme } }: ProbeContext<StorageConfig>): void {
  knownScheme(scheme);
}

/** Opens the storage. */
export async function open(
  { config, log, scope, signal }: OpenContext<StorageConfig>,
): Promise<Methods> {
  const backend = await backendFor(config, log, signal);
  const storage = new Storage(backend);
  const created = new CreatedPaths(log);
  scope.defer(() => cleanUp(config, backend, created, log));
  const files = scope.use(new OpenFiles(storage, log));
  return methods(storage, files, created);
}

function methods(storage: Storage, files: OpenFiles, created: CreatedPaths): Methods {
  return {
    calls: {
      ...fileMethods(files, created),
      ...pathMethods(storage, created),
      presign_stat: withArgs([path, seconds], ([path]) => storage.presign("stat", path)),
      presign_read: withArgs([path, seconds], ([path]) => storage.presign("read", path)),
      presign_write: withArgs([path, seconds], ([path]) => storage.presign("write", path)),
      capability: () => capabilityTable(storage.able),
      get_created_resources: () => created.list(),
      register_path: withArgs([path], ([path]) => created.add(path)),
    },
    streams: {
      list: withArgs([path], ([path]) => storage.list(path, false)),
      scan: withArgs([path], ([path]) => storage.list(path, true)),
    },
  };
}

function fileMethods(files: OpenFiles, created: CreatedPaths): NonNullable<Methods["calls"]> {
  return {
    open: withArgs([path, z.enum(["rb", "wb"])], async ([path, mode], { connection }) => {
      const fd = await files.open(path, mode, connection);
      if (mode === "wb") created.add(path);
      return fd;
    }),
    file_read: withArgs(
      [fd, resourceHandle],
      ([fd, to], { resources }) => files.read(fd, to, resources),
    ),
    file_write: withArgs(
      [fd, resourceHandle],
      ([fd, from], { resources }) => files.write(fd, from, resources),
    ),
    file_seek: withArgs(
      [fd, z.int(), z.int().optional()],
      ([fd, position, whence = 0]) => files.seek(fd, position, fromWhence(whence)),
    ),
    file_tell: withArgs([fd], ([fd]) => files.tell(fd)),
    file_close: withArgs([fd], ([fd]) => files.close(fd)),
    file_closed: withArgs([fd], ([fd]) => files.isClosed(fd)),
    file_readable: withArgs([fd], ([fd]) => files.isReadable(fd)),
    file_seekable: withArgs([fd], ([fd]) => files.isReadable(fd)),
    file_writable: withArgs([fd], ([fd]) => files.isWritable(fd)),
  };
}

function pathMethods(storage: Storage, created: CreatedPaths): NonNullable<Methods["calls"]> {
  return {
    stat: withArgs([path], async ([path]) => metadataForClients(await storage.stat(path))),
    hash: withArgs(
      [path, z.enum(["md5", "sha256"]).optional()],
      ([path, algorithm = "sha256"]) => hash(storage, path, algorithm),
    ),
    exists: withArgs([path], ([path]) => storage.exists(path)),
    copy: withArgs([path, path], async ([source, target]) => {
      await storage.copy(source, target);
      created.add(target);
    }),
    rename: withArgs([path, path], async ([source, target]) => {
      await storage.rename(source, target);
      created.forget(source);
      created.add(target);
    }),
    remove_all: withArgs([path], async ([path]) => {
      await storage.removeAll(path);
      created.forget(path);
    }),
    create_dir: withArgs([path], async ([path]) => {
      await storage.createDirectory(path);
      created.add(path);
    }),
    delete: withArgs([path], async ([path]) => {
      await storage.delete(path);
      created.forget(path);
    }),
  };
}

/** Clients require every key. */
function metadataForClients({ directory, size, type, etag, md5, disposition }: Metadata): Value {
  return {
    content_disposition: disposition ?? null,
    content_length: size ?? 0,
    content_md5: md5 ?? null,
    content_type: type ?? null,
    etag: etag ?? null,
    mode: { entry_is_file: !directory, entry_is_dir: directory },
  };
}

async function backendFor(
  { scheme, kwargs }: StorageConfig,
  log: DriverLog,
  signal: AbortSignal,
): Promise<Backend> {
  const known = knownScheme(scheme);
  for (const key of Object.keys(kwargs)) {
    if (!KEYS[known]!.includes(key)) {
      log.warning(`kwargs.${key} has no effect for scheme '${scheme}'`);
    }
  }
  if (known === "fs") {
    const backend = await FsBackend.open(kwargs["root"]!);
    warnOfNeighbours(backend.root, log);
    return backend;
  }
  if (known === "memory") return new MemoryBackend();
  return new HttpBackend(kwargs as unknown as HttpOptions, signal);
}

/** Warns if others can replace the root. Whether others can write in it is up to the operator. */
function warnOfNeighbours(root: string, log: DriverLog): void {
  try {
    openFolder(posix.dirname(root), { sticky: true })[Symbol.dispose]();
  } catch (error) {
    if (!(error instanceof UnsafePlace)) return;
    log.warning(`Others can replace the storage's root ${root}: ${error.message}`);
  }
}

function knownScheme(scheme: string): string {
  const known = schemeOf(scheme);
  if (Object.hasOwn(KEYS, known)) return known;
  throw new NotSupported(
    `Cannot open a storage: expected scheme ${oneOf(Object.keys(KEYS))}, found '${scheme}'; ` +
      "write 'python: true' beside 'type' to use the official driver",
  );
}

async function cleanUp(
  { remove_created_on_close: wanted }: StorageConfig,
  backend: Backend,
  created: CreatedPaths,
  log: DriverLog,
): Promise<void> {
  const paths = created.list();
  const [first] = paths;
  if (first !== undefined) {
    log.debug(`${paths.length} paths were created in this lease: ${first}, …`);
  }
  if (!wanted) return;
  if (backend instanceof FsBackend) await created.remove(backend);
  else log.warning(`remove_created_on_close has no effect for scheme '${backend.scheme}'`);
}
