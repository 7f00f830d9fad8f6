/** How a command ends. @module */

/** The exit code of the process. */
export type ExitCode = number;

/** Takes the exit code of a command. */
export type Finish = (code: ExitCode) => void;
