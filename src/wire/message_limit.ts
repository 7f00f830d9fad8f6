/** How long a message may be that we are sent. @module */
import { DEFAULT_MAX_MESSAGE } from "./grpc/message.ts";

/**
 * The bytes that `grpcOptions` allows a message, 4 MiB where it says nothing as gRPC core
 * has it. A negative number means no limit; what calls may keep in memory is bounded still.
 */
export function maxMessageOf(options: Readonly<Record<string, string | number>>): number {
  const max = options["grpc.max_receive_message_length"];
  if (typeof max !== "number") return DEFAULT_MAX_MESSAGE;
  return max < 0 ? Infinity : max;
}
