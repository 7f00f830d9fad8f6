import { testTransport } from "./scenarios.ts";
import { controlled } from "./transports.ts";

testTransport(controlled);
