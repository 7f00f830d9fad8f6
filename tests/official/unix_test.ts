import { testTransport } from "./scenarios.ts";
import { localSocket } from "./transports.ts";

testTransport(localSocket);
