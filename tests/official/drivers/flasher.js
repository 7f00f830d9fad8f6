// A flasher of a site's own whose client is the one that the official core package has.
export default ({ defineDriver, resourceHandle, withArgs, z }) =>
  defineDriver({
    type: "testing.Flasher",
    client: "jumpstarter.client.flasher.FlasherClient",
    config: z.strictObject({}),
    async open({ scope }) {
      const folder = await Deno.makeTempDir({ prefix: "jmp-flasher-" });
      scope.defer(() => Deno.remove(folder, { recursive: true }));
      const path = (target) => `${folder}/${encodeURIComponent(target ?? "whole")}`;
      const target = z.string().nullish();
      return {
        calls: {
          flash: withArgs([resourceHandle, target], async ([image, name], { resources }) => {
            const source = await resources.read(image);
            await Deno.writeFile(path(name), ReadableStream.from(source));
          }),
          dump: withArgs([resourceHandle, target], async ([image, name], { resources }) => {
            const file = await Deno.open(path(name));
            await resources.write(image, file.readable);
          }),
        },
      };
    },
  });
