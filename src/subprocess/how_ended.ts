/** How a child ended, in words. @module */

/** `exit code 1`, `signal SIGKILL` */
export function howEnded({ code, signal }: Pick<Deno.CommandStatus, "code" | "signal">): string {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
