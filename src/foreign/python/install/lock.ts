/** Keeps two installations apart. @module */

/**
 * Locks a folder until disposed, also against other processes. The kernel releases the lock when
 * the process ends.
 *
 * @param waits called once if another process holds the lock.
 */
export async function lockFolder(folder: string, waits: () => void): Promise<Disposable> {
  const file = await Deno.open(folder);
  try {
    if (!await file.tryLock(true)) {
      waits();
      await file.lock(true);
    }
    return { [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    throw error;
  }
}
