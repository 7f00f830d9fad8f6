/** Errors that name a file. @module */

/** Runs `work`; its errors begin with `what`, and lack the path that Deno repeats. */
export async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message, name } = error as Error;
    const [reason = name] = (message || name).split(/ \(os error \d+\)/);
    throw new Error(`${what}: ${reason}`, { cause: error });
  }
}
