/**
 * The program as another user, from a checkout that this user may not be able to read: what it
 * is made of is loaded before.
 *
 * @module
 */
import "../src/exporter/exporter.ts";
import "../src/wire/grpc_js/credentials.ts";
import { main } from "../src/cli/main.ts";
import { becomeNobody } from "../src/libc/testing.ts";

becomeNobody();
Deno.exit(await main(Deno.args));
