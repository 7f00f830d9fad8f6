/**
 * `deno task test:package`: what a release consists of, used as a site uses it. Needs root
 * on an x86_64 Debian, and installs the tools that it lacks.
 *
 * @module
 */
import "./deb.ts";
import "./minimal.ts";
import "./arm64.ts";
import "./systemd.ts";
