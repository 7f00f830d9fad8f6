/**
 * Official drivers of the PyPI, at version 0.9.0, with their clients and what their own tests need,
 * in a virtual environment apart from the official client's.
 *
 * @module
 */
import { venv } from "../../venv.ts";

const requirements = new URL("./requirements.txt", import.meta.url).pathname;

/** The `bin` folder of the environment, which is made if necessary; it holds `python`. */
export function officialDrivers(): Promise<string> {
  return venv({ name: "drivers", what: "official drivers 0.9.0", requirements });
}
