import { testTransport } from "./scenarios.ts";
import { direct } from "./transports.ts";

testTransport(direct);
