/** Answers with a status that is not a success. @module */
import type { IncomingMessage } from "node:http";
import { printable } from "../../text/printable.ts";
import { hideWords } from "../../text/secrets.ts";
import { DeviceError } from "../../wire/error.ts";
import { decoded } from "./address.ts";
import { contentOf } from "./body.ts";
import { badStatus, type Exchange, failure } from "./exchange.ts";

/** An answer whose status is not 2xx. The message ends with the beginning of a text body, in quotes. */
export class StatusError extends DeviceError {
  override name = "StatusError";

  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/**
 * Throws for a status that is not 2xx.
 *
 * @param secrets hidden where the body repeats them, as are the query and the headers.
 * @throws {StatusError}
 */
export async function expectSuccessOf(
  response: IncomingMessage,
  exchange: Exchange,
  secrets: readonly string[],
): Promise<void> {
  const problem = badStatus(response);
  if (problem === undefined) return;
  const { statusCode = 0 } = response;
  const body = hideWords(await beginningOf(response, exchange), secretsOf(exchange, secrets));
  const line = body.replace(/\s+/g, " ").trim();
  const shown = printable(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line);
  const { message } = failure(exchange, shown ? `${problem}: "${shown}"` : problem);
  throw new StatusError(statusCode, message);
}

/** Most characters of a body that a message shows. */
const SHOWN = 200;

/** Most characters that are read of a body; more than are shown, so that no secret is cut. */
const READ = 4 * SHOWN;

/** Text that people read; HTML is left out, which is mostly markup. */
const READABLE = /^(?:text\/plain|application\/(?:[\w.-]+\+)?json)\b/i;

/** The beginning of a body; empty if it is not text or does not arrive. */
async function beginningOf(response: IncomingMessage, exchange: Exchange): Promise<string> {
  if (!READABLE.test(response.headers["content-type"] ?? "")) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of contentOf(response, exchange)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= READ) break;
    }
  } catch {
    // The status says more than a broken body.
  }
  return text.slice(0, READ);
}

/** Shorter words occur in ordinary text, as the `1` of `id=1` does. */
const MIN_LENGTH = 4;

/** What the body may repeat of a request: the values of its query and headers, and `further`. */
function secretsOf({ url, headers }: Exchange, further: readonly string[]): string[] {
  const query = Array.from(url.matchAll(/[?&][^=&#]*=([^&#]+)/g), ([, value]) => value!);
  const words = [...query, ...query.map(decoded), ...Object.values(headers), ...further];
  return words.filter(({ length }) => length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
}
