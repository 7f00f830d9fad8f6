/** The list of all fault runs. @module */
import { beforeLease } from "./before_lease.ts";
import { controllerRestart } from "./controller_restart.ts";
import { dnsFailing } from "./dns_failing.ts";
import { exporterKilled } from "./exporter_killed.ts";
import type { Fault } from "./fault.ts";
import { flashCut } from "./flash_cut.ts";
import { flapping } from "./flapping.ts";
import { largeImages } from "./large_images.ts";
import { manyLeases } from "./leases.ts";
import { listenLatency } from "./listen_latency.ts";
import { longHook } from "./long_hook.ts";
import { networkCut } from "./network_cut.ts";
import { peerStopped } from "./peer_stopped.ts";
import { pythonKilled } from "./python_killed.ts";
import { pythonLeases } from "./python_leases.ts";
import { reportLost } from "./report_lost.ts";
import { routerKilled } from "./router_killed.ts";
import { vanishedClients } from "./vanished_clients.ts";

/** In the order in which they run. */
export const faults: readonly Fault[] = [
  controllerRestart,
  routerKilled,
  networkCut,
  dnsFailing,
  peerStopped,
  exporterKilled,
  reportLost,
  beforeLease,
  longHook,
  listenLatency,
  vanishedClients,
  flashCut,
  largeImages,
  manyLeases,
  pythonKilled,
  pythonLeases,
  flapping,
];
