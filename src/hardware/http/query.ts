/** The query of an address. @module */

/** Parameters by name; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Appends parameters to an address, percent-encoded: a blank is `%20`, which every server decodes. */
export function withQuery(url: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encode(name)}=${encode(String(value))}`]
  );
  if (pairs.length === 0) return url;
  const [address] = url.split("#");
  return `${address}${address!.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
