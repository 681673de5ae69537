/** The core of the ECS SDK is bundled, because it is pruned (prune-sdk.mjs); it halves the time that a command takes to start. */
const BUNDLED =
  /^(@alicloud\/(openapi-core|ecs20140526|credentials|gateway-spi|gateway-pop|tea-typescript)|@darabonba\/typescript|lodash|httpx|kitx|ini)(\/|$)/;

/** For the command line: packages are loaded from node_modules when it runs. */
export const externalPackages = {
  name: 'external-packages',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || BUNDLED.test(path) ? undefined : { path, external: true },
    );
  },
};
