import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { variablesIn } from '../../shared/workflows/fill-in.ts';
import { templateOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type Finding, findingAt } from './finding.ts';

/** A template that is spelled out starts the workflow in every environment that is deployed with this file. */
export function checkTemplates({ workflows }: Workflows): Finding[] {
  return templatesOf(workflows).map(({ path, code }) =>
    findingAt(
      'warning',
      path,
      `"${code}" is spelled out, so one approval starts a run in every environment of this file; use \${NAME} where there are several`,
    ),
  );
}

/** Templates that another file, which is another environment's, names as well. */
export function checkTemplatesAgainst(
  { workflows }: Workflows,
  others: readonly { name: string; file: Workflows }[],
): Finding[] {
  const taken = new Map(
    others.flatMap(({ name, file }) => templatesOf(file.workflows).map(({ code }) => [code, name] as const)),
  );
  return templatesOf(workflows).flatMap(({ path, code }) => {
    const other = taken.get(code);
    if (other === undefined) return [];
    return [
      findingAt(
        'fault',
        path,
        `"${code}" starts a workflow of ${other} too: one approval would run in both environments`,
      ),
    ];
  });
}

function templatesOf(workflows: Workflows['workflows']) {
  return Object.entries(workflows).flatMap(([name, workflow]) =>
    PLATFORM_NAMES.flatMap((platform) => {
      const code = templateOf(workflow, platform);
      if (code === undefined || variablesIn(code).length > 0) return [];
      return [{ path: ['workflows', name, 'on', platform], code }];
    }),
  );
}
