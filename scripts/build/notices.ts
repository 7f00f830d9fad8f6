/** The notices that licenses require, as text for people: `jmp licenses`, NOTICES. @module */
import type { Component } from "./components.ts";

const RULE = "=".repeat(80);

const HEAD = `jmp contains the software that is listed here, each under its own license; jmp itself
is under the Apache License 2.0. The list is followed by the texts, each with the names of all
that come under it. Nothing in jmp is under the GPL or the LGPL.

Deno's executable is taken as it is published. What it consists of besides the parts below, some
hundreds of crates of Rust under MIT, Apache-2.0, BSD, ISC and similar licenses, is listed in the
file Cargo.lock of its sources, at the tag of its version.`;

/** The notices of all components; those with the same license text share it. */
export function noticesOf(components: readonly Component[]): string {
  const width = Math.max(...components.map((component) => titleOf(component).length));
  const list = components.map((component) => {
    return `  ${titleOf(component).padEnd(width)}  ${component.concluded}`;
  });
  const texts = new Map<string, Component[]>();
  for (const component of components) {
    const key = component.text.replace(/\s+/g, " ");
    texts.set(key, [...(texts.get(key) ?? []), component]);
  }
  const sections = Array.from(texts.values(), (group) => {
    const { text } = group[0]!;
    return `${RULE}\n${group.map((component) => headOf(component, text)).join("\n")}\n\n${text}\n`;
  });
  return [HEAD, list.join("\n"), ...sections].join("\n\n");
}

/** Name, address of the sources, and copyright, unless the text has it. */
function headOf(component: Component, text: string): string {
  const { home, copyright } = component;
  const owners = copyright.split("\n").filter((line) => line !== "" && !text.includes(line));
  const title = `${titleOf(component)}${home ? ` (${home})` : ""}`;
  return [title, ...owners.map((line) => `  ${line}`)].join("\n");
}

function titleOf({ name, version }: Component): string {
  return version ? `${name} ${version}` : name;
}
