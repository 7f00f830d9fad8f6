/** What the official client sees of the tree of `tree.ts`: the class of each driver's client, by path. @module */

const POWER = "power.client.PowerClient";
const SERIAL = "pyserial.client.PySerialClient";
const NETWORK = "network.client.NetworkClient";
const FILES = "opendal.client.OpendalClient";
const TFTP = "tftp.client.TftpServerClient";
const HTTP = "http.client.HttpServerClient";
const UBOOT = "uboot.client.UbootConsoleClient";

const CLIENTS: Readonly<Record<string, string>> = {
  power: POWER,
  console: SERIAL,
  snmp: "snmp.client.SNMPServerClient",
  tasmota: POWER,
  http_power: POWER,
  energenie: POWER,
  noyito: "noyito_relay.client.NoyitoPowerClient",
  tftp: TFTP,
  "tftp.storage": FILES,
  http: HTTP,
  "http.storage": FILES,
  shell: "shell.client.ShellClient",
  ssh: "ssh.client.SSHWrapperClient",
  "ssh.tcp": NETWORK,
  vnc: "vnc.client.VNClient",
  "vnc.tcp": NETWORK,
  tmt: "tmt.client.TMTClient",
  "tmt.ssh": NETWORK,
  ustreamer: "ustreamer.client.UStreamerClient",
  qemu: "qemu.client.QemuClient",
  "qemu.power": POWER,
  "qemu.flasher": "qemu.client.QemuFlasherClient",
  "qemu.console": SERIAL,
  "qemu.vnc": NETWORK,
  esp32: "esp32.client.Esp32FlasherClient",
  "esp32.serial": SERIAL,
  flasher: "flashers.client.BaseFlasherClient",
  "flasher.serial": SERIAL,
  "flasher.power": POWER,
  "flasher.tftp": TFTP,
  "flasher.tftp.storage": FILES,
  "flasher.http": HTTP,
  "flasher.http.storage": FILES,
  "flasher.uboot": UBOOT,
  "flasher.uboot.power": POWER,
  "flasher.uboot.serial": SERIAL,
  uboot: UBOOT,
  "uboot.power": POWER,
  "uboot.serial": SERIAL,
  probe: "probe_rs.client.ProbeRsClient",
  can_a: "can.client.CanClient",
  can_b: "can.client.CanClient",
  xcp: "xcp.client.XcpClient",
  someip_a: "someip.client.SomeIpDriverClient",
  someip_b: "someip.client.SomeIpDriverClient",
  doip: "uds.client.UdsClient",
};

/** With the whole names of the classes, as the official exporter's tree has them. */
export const TREE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CLIENTS).map(([path, name]) => [path, `jumpstarter_driver_${name}`]),
);
