/** Tests what packages tell of their drivers, with real interpreters and made-up packages. */
import assert from "node:assert/strict";
import { testFolder } from "../../files/testing.ts";
import { describePythonDriver, listPythonDrivers } from "./drivers.ts";
import type { PythonEnvironment } from "./environment.ts";
import { testEnvironment } from "./testing.ts";

/** As much of the official package as the class of a driver needs. */
const OFFICIAL = `
from dataclasses import dataclass, field

@dataclass(kw_only=True)
class Driver:
    children: dict = field(default_factory=dict)
    log_level: str = "INFO"

    def reset(self):
        pass

def export(function):
    function.marker_drivercall = "07c9b9cc"
    return function
`;

const RELAY = `
from dataclasses import dataclass, field
from enum import Enum
from jumpstarter.driver import Driver, export

print("a package that prints when it is imported")

class Mode(Enum):
    A = "a"
    B = "b"

class Base(Driver):
    @classmethod
    def client(cls):
        return "acme_relay.client.RelayClient"

@dataclass(kw_only=True)
class Relay(Base):
    """A relay of the lab.

    Args:
        url (str): address of the relay
    """

    url: str
    port: int = 1  # number of the port
    # what it does at first
    mode: Mode = Mode.A
    names: list[str] = field(default_factory=list)
    """names of the boards"""
    state: bool = field(init=False, default=False)
    _hidden: int = 0

    def __post_init__(self):
        self.children["lamp"] = self
        self.children["power"].on()

    @export
    def set(self, on: bool, after: float = 0):
        """Switches the relay.

        Or not.
        """

    def helper(self):
        pass

def make():
    pass
`;

/** An environment with the package of a driver; it has a package that cannot be imported, too. */
async function site(root: string): Promise<PythonEnvironment> {
  const made = await testEnvironment(root);
  await made.add("jumpstarter", "0.9.0", "");
  await Deno.writeTextFile(`${made.packages}/jumpstarter/driver.py`, OFFICIAL);
  await made.add("acme_relay", "1.2.3", "");
  await Deno.writeTextFile(`${made.packages}/acme_relay/driver.py`, RELAY);
  await made.add("broken", "1.0", "raise OSError('no board here')\n");
  await Deno.writeTextFile(`${made.packages}/broken/driver.py`, "class Board: pass\n");
  const points = {
    "acme_relay-1.2.3": "ill named = acme_relay.driver:Relay\nno_class = acme_relay\n",
    "broken-1.0": "Board = broken.driver:Board\nGone = broken.gone:Gone\n",
  };
  for (const [name, text] of Object.entries(points)) {
    const file = `${made.packages}/${name}.dist-info/entry_points.txt`;
    await Deno.writeTextFile(file, `[jumpstarter.drivers]\n${text}`);
  }
  return {
    python: made.python,
    version: "3.11.0",
    jumpstarter: "0.9.0",
    place: "a test",
    has: () => Promise.resolve(true),
  };
}

Deno.test("listPythonDrivers() reads entry points and sources, and imports nothing", async () => {
  await using folder = await testFolder();
  const environment = await site(folder.path);
  const relay = {
    type: "acme_relay.driver.Relay",
    distribution: "acme_relay",
    version: "1.2.3",
    summary: "A relay of the lab.",
    client: "acme_relay.client.RelayClient",
  };
  const unknown = { distribution: "broken", version: "1.0", summary: "", client: null };
  const board = { ...unknown, type: "broken.driver.Board" };
  const gone = { ...unknown, type: "broken.gone.Gone" };
  assert.deepEqual(await listPythonDrivers(environment, []), [relay, board, gone]);
  const known = ["acme_relay.driver.Base", "missing.driver.X"];
  const [base, ...others] = await listPythonDrivers(environment, known);
  assert.deepEqual(base, { ...relay, type: known[0], summary: "" });
  assert.deepEqual(others, [relay, board, gone]);
});

Deno.test("describePythonDriver() tells the keys, methods and children of a class", async () => {
  await using folder = await testFolder();
  const environment = await site(folder.path);
  assert.deepEqual(await describePythonDriver(environment, "acme_relay.driver.Relay"), {
    client: "acme_relay.client.RelayClient",
    summary: "A relay of the lab.",
    distribution: "acme_relay",
    version: "1.2.3",
    keys: [
      { name: "url", type: "str", required: true, meaning: "address of the relay" },
      { name: "port", type: "int", required: false, default: 1, meaning: "number of the port" },
      {
        name: "mode",
        type: "a | b",
        required: false,
        default: "a",
        meaning: "what it does at first",
      },
      {
        name: "names",
        type: "list[str]",
        required: false,
        default: [],
        meaning: "names of the boards",
      },
    ],
    methods: {
      calls: { "set(on: bool, after?: float)": "Switches the relay." },
      streams: {},
      bytes: {},
    },
    makes: ["lamp"],
    uses: ["power"],
  });
});

Deno.test("describePythonDriver() says why a class cannot be imported", async () => {
  await using folder = await testFolder();
  const environment = await site(folder.path);
  const cases: [string, RegExp][] = [
    ["broken.driver.Board", /Cannot describe broken\.driver\.Board .*: OSError: no board here$/],
    ["acme_relay.driver.Lamp", /AttributeError: .*'Lamp'/],
    ["acme_relay.driver.make", /acme_relay\.driver\.make is not a class of a driver/],
  ];
  for (const [type, message] of cases) {
    await assert.rejects(describePythonDriver(environment, type), { name: "DriverError", message });
  }
  const missing = { ...environment, python: "/nonexistent/python" };
  await assert.rejects(describePythonDriver(missing, "a.B"));
});
