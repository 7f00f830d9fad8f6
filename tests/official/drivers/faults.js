/** Fails in every way that a driver can, says what it is told, and ticks for as long as it is heard. */
export default (sdk) => {
  const { defineDriver, withArgs, z } = sdk;
  const text = z.string();
  const fail = (kind, message) => {
    throw new ({ ...sdk, Error })[kind](message);
  };
  return defineDriver({
    type: "testing.Faults",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    open({ log }) {
      let ended = 0;
      return {
        calls: {
          echo: withArgs([z.any()], ([value]) => value),
          ended: () => ended,
          fail: withArgs([text, text], ([kind, message]) => fail(kind, message)),
          say: withArgs([text, text], ([severity, message]) => log[severity](message)),
        },
        streams: {
          failing: withArgs([text, text], async function* ([kind, message]) {
            yield 1;
            yield 2;
            fail(kind, message);
          }),
          async *ticks(_args, { signal }) {
            try {
              for (let tick = 0; !signal.aborted; tick++) {
                yield tick;
                await new Promise((resolve) => setTimeout(resolve, 20));
              }
            } finally {
              ended += 1;
            }
          },
        },
      };
    },
  });
};
