/** The notices that the licenses of the third-party code require. @module */
import notices from "./notices.json" with { type: "json" };

/** Returns the text of the notices, which `scripts/build` writes; empty when run from sources. */
export async function readNotices(): Promise<string> {
  if (notices.gzip === "") return "";
  const packed = Uint8Array.fromBase64(notices.gzip);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}
