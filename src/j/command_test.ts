import assert from "node:assert/strict";
import { JCommand } from "./command.ts";

Deno.test("JCommand keeps the names of drivers apart, although they contain blanks", () => {
  const command = new JCommand("j").subcommand("my board").subcommand("sd");
  assert.equal(command.path, "j my board sd");
  assert.deepEqual(command.driverNames, ["my board", "sd"]);
  assert.equal(command.driverPath, "my board.sd");
});
