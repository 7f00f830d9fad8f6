/** What is said of types that do not exist, as people publish them. */
import assert from "node:assert/strict";
import { said } from "../testing.ts";

const STARTS = "the exporter starts with this driver degraded";

/** Types, and the advice about each. */
const TYPES: Readonly<Record<string, string>> = {
  "jumpstarter_driver_power.driver.MockPowr":
    "; did you mean 'jumpstarter_driver_power.driver.MockPower'? The",
  "jumpstarter_driver_qemu.driver.QEMU":
    "; did you mean 'jumpstarter_driver_qemu.driver.Qemu'? The",
  "jumpstarter.drivers.power.driver.MockPower":
    "; did you mean 'jumpstarter_driver_power.driver.MockPower'? The",
  // Near to other names only because of their modules.
  "jumpstarter_driver_power.driver.PduPower":
    "; jumpstarter_driver_power.driver has MockPower and SyncMockPower; the",
  "jumpstarter_driver_tftp.driver.TftpServer": "; jumpstarter_driver_tftp.driver has Tftp; the",
};

for (const [type, advice] of Object.entries(TYPES)) {
  Deno.test(`parseConfig() advises on the unknown type ${type}`, async () => {
    const text = `metadata: {name: a}\nexport:\n  x:\n    type: ${type}\n`;
    const [message, ...more] = await said(text);
    assert.deepEqual(more, []);
    const start = `4:11: warning: export.x.type: expected the type of a driver, found '${type}'`;
    const what = `${start}, which is unknown${advice} ${STARTS.replace(/^the /, "")}`;
    assert.equal(message, what);
  });
}

Deno.test("parseConfig() tells that a type is a placeholder", async () => {
  const type = "jumpstarter_driver_${NAME}.driver.${CLASS}";
  assert.deepEqual(await said(`metadata: {name: a}\nexport:\n  x:\n    type: ${type}\n`), [
    "4:11: error: export.x.type: expected the type of a driver, found a placeholder (${ … }) that " +
    "was not filled in; fill in the template, or write the value",
  ]);
});

Deno.test("parseConfig() advises on the key of a driver in the place of its name", async () => {
  const text = "metadata: {name: a}\nexport:\n  type: jumpstarter_driver_power.driver.MockPower\n";
  assert.deepEqual(await said(text), [
    "3:3: error: export.type: expected the name of a driver, found 'type'; write a name with a " +
    "colon above it, and indent 'type' and the keys beside it below that",
  ]);
});
