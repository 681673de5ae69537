/**
 * What a function needs to ask KMS is a file of its own beside index.js, loaded only where a variable refers to a secret:
 * it would not fit into the budget of ingest, and nobody else pays for loading it.
 */
export const secretsFile = {
  name: 'secrets-file',
  /** @param {import('esbuild').PluginBuild} build */
  setup(build) {
    build.onResolve({ filter: /[\\/]secrets[\\/]main\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './secrets.js', external: true } : undefined,
    );
  },
};
