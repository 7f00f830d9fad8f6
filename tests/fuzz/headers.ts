/** Invalid header blocks. @module */
import { ConnectionError } from "../../src/wire/http2/codes.ts";
import { HeaderDecoder } from "../../src/wire/http2/header_decoder.ts";
import { headerBlock, join } from "../attacks/bytes.ts";
import type { Random } from "./random.ts";
import type { Subject } from "./subject.ts";

/** Fields in every form of RFC 7541 §6: literals, those that the table keeps, references. */
function block(random: Random): Uint8Array {
  const field = () => {
    const literal = headerBlock([[
      random.pick([":path", "te", "x-a", "grpc-timeout", "content-type"]),
      random.pick(["", "trailers", "application/grpc", "a".repeat(random.below(300)), "%C3"]),
    ]]);
    if (random.chance(0.5)) literal[0] = random.pick([0x40, 0x10, 0x20, 0x3f]);
    return random.chance(0.2) ? Uint8Array.of(0x80 | random.below(128)) : literal;
  };
  return join(...Array.from({ length: 1 + random.below(8) }, field));
}

/** Decodes successive blocks of one connection; only the error that ends it is allowed. */
export const headers: Subject = {
  name: "header-blocks",
  weight: 4,
  converse(random) {
    const decoder = new HeaderDecoder(16_384);
    for (let count = 1 + random.below(4); count > 0; count--) {
      const bytes = random.chance(0.3) ? random.bytes(random.below(60)) : block(random);
      try {
        decoder.decode(random.mutate(bytes));
      } catch (error) {
        if (error instanceof ConnectionError) return;
        throw error;
      }
    }
  },
};
