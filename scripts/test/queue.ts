/**
 * Does `work` for each item, as many at once as fit: each weighs something, and together they
 * weigh `capacity` at the most. They start in their order, but for light ones, which do not wait
 * for a heavy one to fit.
 *
 * @returns the results in the order of the items.
 * @module
 */
export async function workThrough<Item, Result>(
  items: readonly Item[],
  capacity: number,
  weightOf: (item: Item) => number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const running = new Set<Promise<void>>();
  let load = 0;
  const start = async (index: number, item: Item) => {
    const weight = weightOf(item);
    load += weight;
    results[index] = await work(item);
    load -= weight;
  };
  while (waiting.length > 0) {
    const at = waiting.findIndex(([, item]) => load === 0 || load + weightOf(item) <= capacity);
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (next) {
      const job = start(...next);
      running.add(job);
      // A job that fails stays, and fails the whole.
      job.then(() => running.delete(job), () => {});
    } else await Promise.race(running);
  }
  await Promise.all(running);
  return results;
}
