import { PLATFORM_NAMES } from '../ids.ts';
import { type Fault, faultAt } from './fault.ts';
import { findWorkflow, templateOf } from './lookups.ts';
import type { Workflows } from './schema.ts';

/** A template starts one workflow: two variables of the environment may hold the same code. */
export function checkTemplates(file: Workflows): Fault[] {
  return Object.entries(file.workflows).flatMap(([name, workflow]) =>
    PLATFORM_NAMES.flatMap((platform) => {
      const template = templateOf(workflow, platform);
      const first = template === undefined ? name : findWorkflow(file, platform, template)?.name;
      const path = ['workflows', name, 'on', platform];
      return first === name ? [] : [faultAt(path, `: the template "${template}" starts workflows.${first} already`)];
    }),
  );
}
