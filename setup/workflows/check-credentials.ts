import { missingCredentials } from '../../shared/platforms/app-wants.ts';
import { configuredMessengers } from '../../shared/platforms/create-messengers.ts';
import type { Variables } from '../../shared/workflows/fill-in.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type Finding, findingAt } from './finding.ts';

/** What only a platform's app can do, where the shell names the platform and has not the app's credentials. */
export function checkCredentials(workflows: Workflows, variables: Variables): Finding[] {
  const missing = missingCredentials(workflows, variables, configuredMessengers(variables));
  return missing.flatMap(({ variables: names, wants }) =>
    wants.map((path) =>
      findingAt(
        'warning',
        path,
        `only the app itself can do this, and this shell has not set ${names.join(' and ')}; set it before you deploy, or leave this out`,
      ),
    ),
  );
}
