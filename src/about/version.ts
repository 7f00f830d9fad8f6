/** What this build is. @module */
import project from "../../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

/** The version in `deno.json`. */
export const VERSION: string = project.version;

/** The commit that this was built from; empty when it runs from a checkout. */
export const COMMIT: string = build.commit;

/** How it became a program, in words; `scripts/build` writes another `build.json`. */
export const BUILT: string = {
  sources: "from sources",
  compile: "compiled",
  pack: "packed",
}[build.via] ?? build.via;

/** Whether it unpacked itself into a folder, where it may be removed while it runs. */
export const PACKED: boolean = build.via === "pack";
