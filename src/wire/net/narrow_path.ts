/**
 * The advice for a path that swallows large packets. Small ones, such as those that open a
 * connection, still pass, so that only what follows gets no answer.
 */
export const NARROW_PATH =
  "the network loses large packets (a VPN, a tunnel or PPPoE on the way): try a lower MTU of this " +
  "host's interface (ip link set dev NAME mtu 1280)";
