/** The environment of the tests' own process. @module */

/** Sets variables of this process, which hooks inherit, until it is disposed. */
export function withEnvironment(variables: Readonly<Record<string, string>>): Disposable {
  const former = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of former) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}
