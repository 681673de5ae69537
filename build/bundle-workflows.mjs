/**
 * Turns an import of workflows.yaml into what a bundle is built with: the parsed file by environment, and what dispatch
 * must know of the scripts.
 * @param {Record<string, unknown>} exported values by their name
 * @returns {import('esbuild').Plugin}
 */
export function bundleWorkflows(exported) {
  const lines = Object.entries(exported).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
  return {
    name: 'bundle-workflows',
    setup: (build) => {
      build.onLoad({ filter: /workflows\.yaml$/ }, () => ({ contents: lines.join('\n'), loader: 'js' }));
    },
  };
}
