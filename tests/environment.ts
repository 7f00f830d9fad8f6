/** The environment of the tests' own process. @module */

/** Sets variables of this process, which hooks inherit, or removes them, until it is disposed. */
export function withEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Disposable {
  const former = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) assign(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of former) assign(name, value);
    },
  };
}

function assign(name: string, value: string | undefined): void {
  if (value === undefined) Deno.env.delete(name);
  else Deno.env.set(name, value);
}
