/** The thread of a bystander: an event loop that attacks do not share. @module */
/// <reference lib="deno.worker" />
import { type ChannelCredentials, credentials, Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { ExporterServiceClient } from "../../src/wire/grpc_js/clients.ts";
import { ask, OWN_SOCKET } from "../controller/ask.ts";
import { SessionClient } from "../controller/session_client.ts";
import type { Address, Told } from "./bystander.ts";

/** How long it waits for an answer, and before the next call, in milliseconds. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

async function open(address: Address): Promise<{ client: ExporterServiceClient; extra: Metadata }> {
  const extra = new Metadata();
  if (address.passphrase) extra.set("x-jumpstarter-passphrase", address.passphrase);
  if (address.tunnel) {
    const { tunnel } = address;
    const session = await SessionClient.open({ dial: () => Promise.resolve(tunnel) });
    return { client: session.exporter, extra };
  }
  const trust: ChannelCredentials = address.caPem
    ? credentials.createSsl(Buffer.from(address.caPem))
    : credentials.createInsecure();
  return { client: new ExporterServiceClient(address.endpoint!, trust, OWN_SOCKET), extra };
}

async function watch(address: Address): Promise<void> {
  const { client, extra } = await open(address);
  const tell = (told: Told) => postMessage(told);
  for (;;) {
    const start = performance.now();
    try {
      const { reports } = await ask(client, "getReport", {}, {
        metadata: extra,
        timeoutMs: PATIENCE_MS,
      });
      const uuids = reports.map(({ uuid, labels }) => [labels["jumpstarter.dev/name"]!, uuid]);
      tell({ ms: performance.now() - start, uuids: uuids as [string, string][] });
    } catch (error) {
      tell({ ms: performance.now() - start, failure: (error as Error).message });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

addEventListener("message", ({ data }: MessageEvent<Address>) => void watch(data), { once: true });
