/** The reasons why a Python driver is not available. @module */
import { DriverError } from "../../wire/error.ts";

/** An exception of Python, as the host describes it. */
export interface PythonException {
  /** The type of the driver. */
  readonly type?: string | null;
  /** The name of its class. */
  readonly error: string;
  /** Its last line. */
  readonly text: string;
  /** The module that could not be found, if one could not. */
  readonly missing?: string | null;
}

/** The error of a driver that cannot be imported or built. */
export class PythonProblem extends DriverError {
  override name = "PythonProblem";
  /** The Python module that is missing, if that is the reason. */
  readonly missing: string | undefined;

  constructor(readonly interpreter: string, exception: PythonException) {
    super(reason(interpreter, exception));
    this.missing = exception.missing ?? undefined;
  }
}

function reason(interpreter: string, { type, error, text, missing }: PythonException): string {
  const what = type ?? "the driver";
  const said = text ? `${error}: ${text}` : error;
  if (!missing) return `Cannot build ${what}: ${said}`;
  return `Cannot build ${what}: ${interpreter} has no module '${missing}' (${said}); ` +
    "jmp driver install installs the packages that a config needs";
}
