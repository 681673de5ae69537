import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { fieldOf } from '../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../shared/workflows/schema.ts';
import { UsageError } from '../io.ts';

/** The workflow of this name; a UsageError lists those there are. */
export function findNamed(workflows: Workflows, name: string): Workflow {
  const workflow = Object.hasOwn(workflows.workflows, name) ? workflows.workflows[name] : undefined;
  if (workflow) return workflow;
  throw new UsageError(
    `there is no workflow "${name}"; workflows.yaml has ${Object.keys(workflows.workflows).join(', ')}`,
  );
}

/** A UsageError unless approvals of this platform start the workflow. */
export function assertStartsOn(workflow: Workflow, name: string, platform: PlatformName): void {
  const platforms = startsOn(workflow);
  if (platforms.includes(platform)) return;
  throw new UsageError(
    `the workflow ${name} does not start on ${platform}; it starts on ${platforms.join(' and ') || 'no platform'}`,
  );
}

/** The platforms whose approvals start the workflow. */
export function startsOn({ on }: Workflow): PlatformName[] {
  return PLATFORM_NAMES.filter((platform) => on[platform] !== undefined);
}

/** `name=value` arguments as values of the platform's form components. Values are not checked: that is the loop's own job. */
export function toFormValues(
  workflow: Workflow,
  name: string,
  assignments: readonly string[],
  platform: PlatformName,
): Record<string, string> {
  return Object.fromEntries(
    assignments.map((assignment) => {
      const equals = assignment.indexOf('=');
      const key = assignment.slice(0, Math.max(equals, 0));
      const parameter = Object.hasOwn(workflow.parameters, key) ? workflow.parameters[key] : undefined;
      const component = parameter && fieldOf(parameter, platform);
      if (component === undefined) {
        const known = Object.keys(workflow.parameters).map((each) => `${each}=…`);
        throw new UsageError(`"${assignment}" is no parameter of ${name}; its form has ${known.join(' ')}`);
      }
      return [component, assignment.slice(equals + 1)];
    }),
  );
}
