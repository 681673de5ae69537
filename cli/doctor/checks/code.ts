import { join } from 'node:path';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import type { Check } from '../check.ts';
import { type Finding, warning } from '../finding.ts';
import { digestsBelow } from '../functions-api.ts';
import type { Admitted } from '../patient.ts';

/** What is deployed against the last build in this folder, file by file: the checksum of a zip tells its time, too. */
export const code: Check = {
  name: 'code',
  fine: 'the functions run the build of this folder',
  needs: ['fc'],
  look: async (patient) =>
    (await Promise.all([...patient.functions.keys()].map((name) => compare(name, patient)))).flat(),
};

async function compare(name: FunctionName, patient: Admitted): Promise<Finding[]> {
  const { functionsApi, names, root, target, deployCommand } = patient;
  const bundle = join('dist', 'environments', target.environmentName, name);
  const [deployed, built] = await Promise.all([
    functionsApi.readCode(names.function(name)),
    digestsBelow(join(root, bundle)),
  ]);
  const paths = [...new Set([...deployed.keys(), ...built.keys()])].sort();
  const different = paths.filter((path) => deployed.get(path) !== built.get(path));
  if (different.length === 0) return [];
  const seen = `differs from ${bundle} of this folder in ${different.slice(0, 5).join(', ')}`;
  return [
    warning(`code of ${name}`, seen, `check out the release that should run and build it; else ${deployCommand}`),
  ];
}
