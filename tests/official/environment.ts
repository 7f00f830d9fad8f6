/**
 * The official Python packages 0.9.0 in a virtual environment.
 *
 * @module
 */
import { venv } from "../venv.ts";

const requirements = new URL("./requirements.txt", import.meta.url).pathname;

/** The place of the official programs. */
export interface OfficialClient {
  /** Holds `python`, `jmp` and `j`. */
  readonly bin: string;
}

/** The environment, made if necessary. */
export async function officialClient(): Promise<OfficialClient> {
  return { bin: await venv({ name: "official", what: "the official client 0.9.0", requirements }) };
}
