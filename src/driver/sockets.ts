/** Sockets for the drivers that are built in; those of sites are given `mod.ts` alone. @module */
export { ConnStream } from "../wire/conn_stream.ts";
