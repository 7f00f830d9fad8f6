/** The commands of each official client class. @module */
import type { ClientCommands } from "../context.ts";
import { coreFlasher, flasher, storageMuxFlasher } from "./flasher.ts";
import { network } from "./network.ts";
import { opendal } from "./opendal.ts";
import { power, virtualPower } from "./power.ts";
import { shell } from "./shell.ts";
import { storageMux } from "./storage.ts";

const COMMANDS: Readonly<Record<string, ClientCommands>> = {
  "jumpstarter.client.FlasherClient": coreFlasher,
  "jumpstarter.client.flasher.FlasherClient": coreFlasher,
  "jumpstarter_driver_network.client.DbusNetworkClient": network,
  "jumpstarter_driver_network.client.NetworkClient": network,
  "jumpstarter_driver_opendal.client.FlasherClient": flasher,
  "jumpstarter_driver_opendal.client.OpendalClient": opendal,
  "jumpstarter_driver_opendal.client.StorageMuxClient": storageMux,
  "jumpstarter_driver_opendal.client.StorageMuxFlasherClient": storageMuxFlasher,
  "jumpstarter_driver_power.client.PowerClient": power,
  "jumpstarter_driver_power.client.VirtualPowerClient": virtualPower,
  "jumpstarter_driver_shell.client.ShellClient": shell,
};

/** The class of drivers that only group others. */
const COMPOSITE = "jumpstarter_driver_composite.client.CompositeClient";

/** The commands of a client class; undefined if this program has none. */
export function commandsOf(clientClass: string): ClientCommands | undefined {
  return Object.hasOwn(COMMANDS, clientClass) ? COMMANDS[clientClass] : undefined;
}

/** Whether drivers of a client class only group others. */
export function isGroup(clientClass: string): boolean {
  return clientClass === COMPOSITE;
}

/** One line about a driver of a client class. */
export function summaryOf(clientClass: string): string {
  if (isGroup(clientClass)) return "Group of drivers";
  return commandsOf(clientClass)?.summary ?? "";
}
