/** The notices that the licenses of what is built in ask for. @module */
import notices from "./notices.json" with { type: "json" };

/** Their text; empty where nothing is built in, as in a checkout. `scripts/build` puts it there. */
export async function readNotices(): Promise<string> {
  if (notices.gzip === "") return "";
  const packed = Uint8Array.fromBase64(notices.gzip);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}
