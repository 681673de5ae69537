import { dirname } from 'node:path';

const KB = 1024;
/** The budget of each bundle in bytes; the cold start that goes with it is measured by `npm run bench`. */
export const BUDGETS = { ingest: 150 * KB, dispatch: 300 * KB, notify: 300 * KB };

/** That of the second file, which only those load who have secrets in KMS. */
const SECRETS_BUDGET = 25_000;

/** What a function may load of the project itself: its own folder and what all functions share. */
const ALLOWED = /^(shared\/|functions\/|workflows\.yaml$)/;

/** The connector is a process of its own: it may load packages as it likes, and of the functions it is an ingest. */
const ALLOWED_IN_CONNECTOR = /^(connector\/|shared\/|functions\/ingest\/|workflows\.yaml$)/;

/**
 * Proves the same of the connector: nothing of `local/`, `setup/` or `cli/`, nor of another function.
 * @param {Pick<import('esbuild').Metafile, 'inputs'>} metafile
 */
export function checkConnector({ inputs }) {
  return Object.keys(inputs)
    .filter((input) => !input.includes('node_modules') && !input.includes(':') && !ALLOWED_IN_CONNECTOR.test(input))
    .map((input) => `connector must not import ${input}`);
}

/**
 * Proves from esbuild's metafile that each function stays within its budget and imports nothing of `local/`, `setup/`
 * or `cli/`, nor of another function. Returns one line for each fault.
 * @param {import('esbuild').Metafile} metafile
 */
export function checkBundles(metafile) {
  return Object.entries(metafile.outputs).flatMap(([output, { bytes, inputs }]) => {
    const name = output.split('/').at(-2) ?? '';
    const isSecond = output.endsWith('/secrets.js');
    const budget = isSecond ? SECRETS_BUDGET : BUDGETS[/** @type {keyof typeof BUDGETS} */ (name)];
    const own = Object.keys(inputs).filter((input) => !input.includes('node_modules') && !input.includes(':'));
    const foreign = own.filter(
      (input) => !ALLOWED.test(input) || (input.startsWith('functions/') && !input.startsWith(`functions/${name}/`)),
    );
    return [
      ...(bytes > budget ? [`${isSecond ? output : dirname(output)} has ${bytes} bytes, its budget is ${budget}`] : []),
      ...foreign.map((input) => `functions/${name} must not import ${input}`),
    ];
  });
}
