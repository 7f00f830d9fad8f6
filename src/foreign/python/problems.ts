/** The reasons why a Python driver is not available. @module */
import { DriverError } from "../../wire/error.ts";
import type { PythonEnvironment } from "./environment.ts";
import { missingReason } from "./missing.ts";
import { packageOf } from "./packages.ts";

/** An exception of Python, as the host describes it. */
export interface PythonException {
  /** The name of its class. */
  readonly error: string;
  /** Its last line. */
  readonly text: string;
  /** The module that could not be found, if one could not. */
  readonly missing?: string | null;
}

/** The error of all drivers of an environment that cannot be used. */
export function environmentProblem(
  { python, place }: PythonEnvironment,
  { error, text }: PythonException,
): DriverError {
  return new DriverError(`Cannot host Python drivers by ${python} (${place}): ${error}: ${text}`);
}

/** The error of all drivers of an environment whose interpreter was there once. */
export function goneProblem({ python, place }: PythonEnvironment): DriverError {
  return new DriverError(
    `Cannot run ${python} (${place}): it is not there any more; make the environment again, as ` +
      "with jmp driver install",
  );
}

/** The error of a driver that cannot be imported or built. @param type undefined for a `ref:` */
export function pythonProblem(
  environment: PythonEnvironment,
  type: string | undefined,
  { error, text, missing }: PythonException,
): DriverError {
  if (type && missing === packageOf(type).module) {
    return new DriverError(missingReason(type, environment));
  }
  const said = text ? `${error}: ${text}` : error;
  // A module that the type itself names is part of a package that is there.
  if (missing && type?.startsWith(`${missing}.`)) {
    return new DriverError(`Cannot build ${type}: ${said}; correct the type`);
  }
  const needs = missing ? `, which it needs, for ${environment.python}; install it there` : "";
  return new DriverError(`Cannot build ${type ?? "the driver of a ref"}: ${said}${needs}`);
}
