/** How a command ends. @module */

/** What the process exits with. */
export type ExitCode = number;

/** Takes the exit code of a command. */
export type Finish = (code: ExitCode) => void;
