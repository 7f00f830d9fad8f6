/** A server with the API of Amazon S3, which refuses uploads of unknown length as that does. @module */
import { goProgram } from "../../go_program.ts";

const folder = new URL("./", import.meta.url).pathname;

/** A running server; its objects are in memory. */
export interface S3 extends AsyncDisposable {
  /** The address of its bucket, without a slash at its end. */
  readonly bucket: string;
}

/** Starts gofakes3 with an empty bucket. */
export async function startS3(): Promise<S3> {
  const program = await goProgram({
    name: "gofakes3",
    folder,
    package: "github.com/johannesboyne/gofakes3/cmd/gofakes3",
  });
  const child = new Deno.Command(program, {
    args: ["-host", "127.0.0.1:0", "-backend", "memory", "-initialbucket", "images"],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream());
  const port = Promise.withResolvers<string>();
  const read = (async () => {
    let log = "";
    for await (const text of lines) {
      log += text;
      const [, found] = /using port: (\d+)/.exec(log) ?? [];
      if (found) port.resolve(found);
    }
    port.reject(new Error(`gofakes3 did not start: ${log}`));
  })();
  port.promise.catch(() => {});
  const bucket = `http://127.0.0.1:${await port.promise}/images`;
  return {
    bucket,
    async [Symbol.asyncDispose]() {
      child.kill();
      await Promise.all([child.status, read]);
    },
  };
}
