/** The families of drivers in this binary: exactly this list. @module */
export * as composite from "./composite/manifest.ts";
export * as network from "./network/manifest.ts";
export * as opendal from "./opendal/manifest.ts";
export * as power from "./power/manifest.ts";
export * as pyserial from "./pyserial/manifest.ts";
export * as sdwire from "./sdwire/manifest.ts";
export * as yepkit from "./yepkit/manifest.ts";
