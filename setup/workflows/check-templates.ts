import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { variablesIn } from '../../shared/workflows/fill-in.ts';
import { fieldOf, templateOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type Finding, findingAt } from './finding.ts';

/** Ways in which a workflow can never be started, or never be accepted. */
export function checkStarts({ workflows }: Workflows): Finding[] {
  return Object.entries(workflows).flatMap(([name, workflow]) => {
    const platforms = PLATFORM_NAMES.filter((platform) => templateOf(workflow, platform) !== undefined);
    const path = ['workflows', name];
    if (platforms.length === 0) return [findingAt('warning', [...path, 'on'], 'nothing starts it')];
    return Object.entries(workflow.parameters).flatMap(([parameter, rule]) =>
      platforms
        .filter((platform) => !rule.optional && fieldOf(rule, platform) === undefined)
        .map((platform) => {
          const what = `no field for ${platform}, which starts the workflow: every request of it would be refused`;
          return findingAt('fault', [...path, 'parameters', parameter, 'field'], what);
        }),
    );
  });
}

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
