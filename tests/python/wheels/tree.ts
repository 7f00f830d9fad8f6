/** The `export:` tree of the hosted drivers. @module */
import type { Agent } from "./daemons.ts";

/** Where the drivers find what they work with. */
export interface Places {
  /** A folder for their files. */
  readonly dir: string;
  readonly agent: Agent;
  /** Ports on 127.0.0.1. */
  readonly ports: {
    readonly mqtt: number;
    readonly web: number;
    readonly doip: number;
    /** Free ones. */
    readonly tftp: number;
    readonly someip: readonly [number, number, number];
  };
  /** Paths of serial devices. */
  readonly serial: { readonly esp32: string; readonly noyito: string };
  /** Path of a program that stands in for probe-rs. */
  readonly probe: string;
}

type Entry = Readonly<Record<string, unknown>>;

const HOST = "127.0.0.1";
const POWER = { type: "jumpstarter_driver_power.driver.MockPower" };
const LOOP = { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: "loop://" } };
const TCP = {
  type: "jumpstarter_driver_network.driver.TcpNetwork",
  config: { host: HOST, port: 22 },
};

/** Official drivers of Python packages, and native ones that they refer to. */
export function driverTree(places: Places): Record<string, Entry> {
  return {
    power: POWER,
    console: LOOP,
    ...switches(places),
    ...servers(places),
    ...boards(places),
  };
}

function switches({ agent, ports, serial }: Places): Record<string, Entry> {
  const web = `http://${HOST}:${ports.web}`;
  return {
    snmp: driver("snmp.driver.SNMPServer", {
      host: HOST,
      port: agent.port,
      plug: 1,
      oid: agent.oid,
      user: agent.user.name,
      auth_protocol: "SHA",
      auth_key: agent.user.authKey,
      priv_protocol: "AES",
      priv_key: agent.user.privKey,
    }),
    tasmota: driver("tasmota.driver.TasmotaPower", {
      host: HOST,
      port: ports.mqtt,
      tls: false,
      timeout: 10,
      cmnd_topic: "cmnd/lab/POWER",
      stat_topic: "stat/lab/POWER",
    }),
    http_power: driver("http_power.driver.HttpPower", {
      power_on: { url: `${web}/on`, method: "POST" },
      power_off: { url: `${web}/off`, method: "POST" },
      power_read: {
        url: `${web}/state`,
        voltage_path: "meter.voltage",
        current_path: "meter.current",
      },
    }),
    energenie: driver("energenie.driver.EnerGenie", {
      host: `${HOST}:${ports.web}`,
      password: "secret",
      slot: 2,
    }),
    noyito: driver("noyito_relay.driver.NoyitoPowerSerial", { port: serial.noyito, channel: 2 }),
  };
}

function servers({ dir, ports }: Places): Record<string, Entry> {
  return {
    tftp: driver("tftp.driver.Tftp", { host: HOST, port: ports.tftp, root_dir: `${dir}/tftp` }),
    http: driver("http.driver.HttpServer", { host: HOST, port: 0, root_dir: `${dir}/http` }),
    shell: driver("shell.driver.Shell", {
      methods: { greet: 'echo "$GREETING, $1"; exit 3', fail: { command: "false" } },
    }),
    ssh: driver("ssh.driver.SSHWrapper", { default_username: "root" }, { tcp: TCP }),
    vnc: driver("vnc.driver.Vnc", {}, { tcp: TCP }),
    tmt: driver("tmt.driver.TMT", { default_username: "root" }, { ssh: TCP }),
    ustreamer: driver("ustreamer.driver.UStreamer"),
  };
}

function boards({ dir, ports, serial, probe }: Places): Record<string, Entry> {
  const simulated = { ecu_ip: HOST, ecu_logical_address: 0xe0, tcp_port: ports.doip };
  const [one, other, discovery] = ports.someip;
  return {
    qemu: driver("qemu.driver.Qemu", {
      // Another architecture than the machine's is emulated, also where there is KVM.
      ...{ arch: "i386", cpu: "qemu32", mem: "64M", smp: 1 },
      hostname: "board",
    }),
    esp32: driver("esp32.driver.Esp32Flasher", {}, {
      serial: { ...LOOP, config: { url: serial.esp32 } },
    }),
    flasher: driver("flashers.driver.TIJ784S4Flasher", {
      tftp_dir: `${dir}/flasher/tftp`,
      http_dir: `${dir}/flasher/http`,
      cache_dir: `${dir}/flasher/cache`,
    }, { serial: LOOP, power: POWER }),
    uboot: driver("uboot.driver.UbootConsole", {}, {
      power: { ref: "power" },
      serial: { ref: "console" },
    }),
    probe: driver("probe_rs.driver.ProbeRs", { probe_rs_path: probe, chip: "nRF52840_xxAA" }),
    can_a: driver("can.driver.Can", { interface: "virtual", channel: "lab" }),
    can_b: driver("can.driver.Can", { interface: "virtual", channel: "lab" }),
    // Its transport is opened at the first call.
    xcp: driver("xcp.driver.Xcp", { host: HOST, port: 5555 }),
    someip_a: someIp(one, other, discovery),
    someip_b: someIp(other, one, discovery),
    doip: driver("uds_doip.driver.UdsDoip", simulated),
  };
}

function someIp(port: number, remote_port: number, multicast_port: number): Entry {
  const remote = { remote_host: HOST, remote_port };
  return driver("someip.driver.SomeIp", { host: HOST, port, ...remote, multicast_port });
}

function driver(
  path: string,
  config: Entry = {},
  children: Readonly<Record<string, Entry>> = {},
): Entry {
  return { type: `jumpstarter_driver_${path}`, config, children };
}
