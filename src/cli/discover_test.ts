import assert from "node:assert/strict";
import { parse } from "yaml";
import { asYaml } from "./discover.ts";

Deno.test("asYaml() escapes control characters and line breaks in the names of devices", () => {
  const yaml = asYaml([{
    device: "UART\nforged: {type: evil}\n\x1b[2J\u2028",
    name: "serial",
    type: "test.Serial",
    config: { url: "/dev/serial/by-id/usb-\x1b]0;owned\x07\nforged" },
  }]);
  assert.match(yaml, /^ {2}# UART\\nforged: \{type: evil\}\\n\\x1b\[2J\\u2028$/m);
  assert.deepEqual(parse(yaml), {
    export: {
      serial: {
        type: "test.Serial",
        config: { url: "/dev/serial/by-id/usb-\x1b]0;owned\x07\nforged" },
      },
    },
  });
  assert.ok(!yaml.includes("\x1b"));
});
