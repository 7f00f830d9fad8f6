/** A site's own driver, as small as they come. */
export default ({ defineDriver, z, withArgs }) =>
  defineDriver({
    type: "vendorpackage.CustomDriver",
    client: "jumpstarter_driver_power.client.PowerClient",
    config: z.strictObject({ hello: z.string() }),
    open({ config, log }) {
      return {
        calls: {
          on: () => log.info(`hello ${config.hello}`),
          off: () => log.info(`goodbye ${config.hello}`),
          greet: withArgs([z.string()], ([name]) => `hello ${name}, hello ${config.hello}`),
        },
        streams: { read: () => [{ voltage: 12, current: 0.5 }] },
      };
    },
  });
