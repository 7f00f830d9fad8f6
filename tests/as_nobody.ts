/**
 * Runs the program as another user, who may not be able to read the checkout: loads its files first.
 *
 * @module
 */
import "../src/exporter/exporter.ts";
import "../src/wire/grpc_js/credentials.ts";
import { main } from "../src/cli/main.ts";
import { becomeNobody } from "../src/libc/testing.ts";

becomeNobody();
Deno.exit(await main(Deno.args));
