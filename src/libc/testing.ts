/**
 * Loads the functions of the C library for tests that use files: a library stays open, which
 * the sanitizers would report of the test that was the first to need it.
 *
 * @module
 */
import { OPEN, openAt } from "./files.ts";

try {
  using _root = openAt(undefined, "/", OPEN.PATH);
  openAt(undefined, "/nonexistent", OPEN.PATH);
} catch {
  // Whose errno was looked up.
}
