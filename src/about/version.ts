/** The version and origin of this build. @module */
import project from "../../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

/** The version from `deno.json`. */
export const VERSION: string = project.version;

/** The commit from which the program was built; empty when run from sources. */
export const COMMIT: string = build.commit;

/** How the program was built: `sources`, `compile` or `pack`; `scripts/build` replaces `build.json`. */
export const VIA: string = build.via;

/** The kind of the build, for `jmp version`. */
export const BUILT: string = {
  sources: "from sources",
  compile: "compiled",
  pack: "packed",
}[VIA] ?? VIA;

/** Whether the program unpacked itself into a folder, whose files may be deleted while it runs. */
export const PACKED: boolean = VIA === "pack";
