/** The passphrase of direct mode. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from "@grpc/grpc-js";
import { Code } from "../wire/error.ts";

/** The metadata key under which official clients send the passphrase, as plain text. */
const KEY = "x-jumpstarter-passphrase";

/** Refuses every call that does not carry `passphrase`, in constant time. */
export function passphraseInterceptor(passphrase: string): ServerInterceptor {
  const expected = digest(passphrase);
  return (_descriptor, call) =>
    new ServerInterceptingCall(call, {
      start(next) {
        const listener = new ServerListenerBuilder()
          .withOnReceiveMetadata((metadata, pass) => {
            const given = metadata.get(KEY).map(String);
            if (given.length === 1 && timingSafeEqual(digest(given[0]!), expected)) pass(metadata);
            else {
              call.sendStatus({
                code: Code.UNAUTHENTICATED,
                details: "invalid or missing passphrase",
              });
            }
          })
          .build();
        next(listener);
      },
    });
}

/** Equal lengths, so that the comparison tells nothing of the passphrase's. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
