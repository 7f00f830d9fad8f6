/** The commands of each official client class. @module */
import type { ClientCommands } from "../context.ts";
import { ble } from "./ble.ts";
import { esp32, pico, stlink } from "./board_flashers.ts";
import { coreFlasher, flasher, qemuFlasher, storageMuxFlasher } from "./flasher.ts";
import { digitalInput, digitalOutput } from "./gpiod.ts";
import { qemu, renode } from "./machines.ts";
import { network } from "./network.ts";
import { none } from "./none.ts";
import { opendal } from "./opendal.ts";
import { cyclingPower, noyitoPower, power, virtualPower } from "./power.ts";
import { probeRs } from "./probe_rs.ts";
import { serial } from "./serial.ts";
import { shell } from "./shell.ts";
import { storageMux } from "./storage.ts";

const COMMANDS: Readonly<Record<string, ClientCommands>> = {
  "jumpstarter.client.DriverClient": none,
  "jumpstarter.client.FlasherClient": coreFlasher,
  "jumpstarter.client.flasher.FlasherClient": coreFlasher,
  "jumpstarter_driver_ble.client.BleWriteNotifyStreamClient": ble,
  "jumpstarter_driver_can.client.CanClient": none,
  "jumpstarter_driver_can.client.IsoTpClient": none,
  "jumpstarter_driver_doip.client.DoIPDriverClient": none,
  "jumpstarter_driver_esp32.client.Esp32FlasherClient": esp32,
  "jumpstarter_driver_gpiod.client.DigitalInputClient": digitalInput,
  "jumpstarter_driver_gpiod.client.DigitalOutputClient": digitalOutput,
  "jumpstarter_driver_network.client.DbusNetworkClient": network,
  "jumpstarter_driver_network.client.NetworkClient": network,
  "jumpstarter_driver_noyito_relay.client.NoyitoPowerClient": noyitoPower,
  "jumpstarter_driver_obd.client.OBDClient": none,
  "jumpstarter_driver_opendal.client.FlasherClient": flasher,
  "jumpstarter_driver_opendal.client.OpendalClient": opendal,
  "jumpstarter_driver_opendal.client.StorageMuxClient": storageMux,
  "jumpstarter_driver_opendal.client.StorageMuxFlasherClient": storageMuxFlasher,
  "jumpstarter_driver_pi_pico.client.PiPicoClient": pico,
  "jumpstarter_driver_power.client.PowerClient": power,
  "jumpstarter_driver_power.client.VirtualPowerClient": virtualPower,
  "jumpstarter_driver_probe_rs.client.ProbeRsClient": probeRs,
  "jumpstarter_driver_pyserial.client.PySerialClient": serial,
  "jumpstarter_driver_qemu.client.QemuClient": qemu,
  "jumpstarter_driver_qemu.client.QemuFlasherClient": qemuFlasher,
  "jumpstarter_driver_renode.client.RenodeClient": renode,
  "jumpstarter_driver_ridesx.client.RideSXPowerClient": cyclingPower,
  "jumpstarter_driver_shell.client.ShellClient": shell,
  "jumpstarter_driver_snmp.client.SNMPServerClient": power,
  "jumpstarter_driver_someip.client.SomeIpDriverClient": none,
  "jumpstarter_driver_stlink_msd.client.StlinkMsdFlasherClient": stlink,
  "jumpstarter_driver_uds.client.UdsClient": none,
  "jumpstarter_driver_ustreamer.client.UStreamerClient": none,
  "jumpstarter_driver_xcp.client.XcpClient": none,
};

/** The classes whose commands include those of the drivers below them. */
const GROUPS: ReadonlySet<string> = new Set([
  "jumpstarter_driver_androidemulator.client.AndroidEmulatorClient",
  "jumpstarter_driver_composite.client.CompositeClient",
  "jumpstarter_driver_corellium.client.CorelliumClient",
  "jumpstarter_driver_http.client.HttpServerClient",
  "jumpstarter_driver_qemu.client.QemuClient",
  "jumpstarter_driver_renode.client.RenodeClient",
  "jumpstarter_driver_tftp.client.TftpServerClient",
  "jumpstarter_driver_uboot.client.UbootConsoleClient",
]);

/** The commands of a client class; undefined if this program has none. */
export function commandsOf(clientClass: string): ClientCommands | undefined {
  return Object.hasOwn(COMMANDS, clientClass) ? COMMANDS[clientClass] : undefined;
}

/** Whether drivers of a client class group others. */
export function isGroup(clientClass: string): boolean {
  return GROUPS.has(clientClass);
}

/** One line about a driver of a client class. */
export function summaryOf(clientClass: string): string {
  return commandsOf(clientClass)?.summary ?? (isGroup(clientClass) ? "Group of drivers" : "");
}
