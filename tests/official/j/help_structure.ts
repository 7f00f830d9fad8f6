/** What help offers, without its words. @module */

/** The usage, and a line for each option and each command. */
export function structureOf(help: string): string {
  const [head = "", ...sections] = help.split(/^(?:Options|Commands):\n/m);
  const [usage = ""] = head.split("\n\n");
  const terms = sections.flatMap((section) => {
    // A description begins after two blanks, or on a line of its own, further in.
    return Array.from(section.matchAll(/^ {2}(\S.*?)(?: {2}.*)?$/gm), ([, term]) => valued(term!));
  });
  return [usage.replace(/\s+/g, " "), ...terms.sort()].join("\n");
}

/** The names of values, such as TEXT, are words as well. */
function valued(term: string): string {
  return term.replace(/(?<=^-.* )[A-Z][^ ]*$/, "VALUE");
}
