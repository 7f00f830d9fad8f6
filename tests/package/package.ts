/**
 * `deno task test:package`: uses the files of a release as a site does. Needs root
 * on an x86_64 Debian, and installs the tools that it lacks.
 *
 * @module
 */
import "./deb.ts";
import "./minimal.ts";
import "./arm64.ts";
import "./systemd.ts";
