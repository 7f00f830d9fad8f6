/** What a program logs: the lines that it writes, and the records of its LogStream. @module */
import type { SessionClient } from "../../client/session_client.ts";
import type { LogStreamResponse } from "../../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import { SEVERITIES, type Severity } from "../process/process_log.ts";
import { throttle } from "../throttle.ts";

/** A record of the log of a hosted driver. */
export interface HostedRecord {
  /** The path of the driver; that of the entry, where the program does not name one of its drivers. */
  readonly path: string;
  readonly severity: Severity;
  readonly message: string;
}

/** Where a record is from, and how severe it is. */
type Head = Omit<HostedRecord, "message">;

/** Passes the records of one program on, at most 1,000 per second. */
export class Records {
  readonly #write: (head: Head, message: string) => void;

  constructor(readonly path: string, onRecord: (record: HostedRecord) => void) {
    const write = (head: Head, message: string) => onRecord({ ...head, message });
    this.#write = throttle(write, (lines) => {
      write(
        { path, severity: "warning" },
        `${lines} lines were left out, because they came too fast`,
      );
    });
  }

  /** Writes a line of the program's output. */
  line(text: string): void {
    this.#write({ path: this.path, severity: "info" }, text);
  }

  /** Passes the records of the program's LogStream on until it ends; a program need not have one. */
  async follow(client: SessionClient, rows: readonly HostedRow[]): Promise<void> {
    const paths = new Map(rows.map(({ uuid, remoteUuid = uuid, path }) => [remoteUuid, path]));
    try {
      for await (const record of client.logs()) {
        this.#write(this.#headOf(record, paths), record.message);
      }
    } catch {
      // The program does not serve LogStream, or has ended.
    }
  }

  #headOf({ uuid, severity }: LogStreamResponse, paths: ReadonlyMap<string, string>): Head {
    const known = SEVERITIES.find((name) => name === severity.toLowerCase());
    return { path: paths.get(uuid) ?? this.path, severity: known ?? "info" };
  }
}
