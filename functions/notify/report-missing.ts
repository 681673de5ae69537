import type { AlarmName } from '../../shared/alarms.ts';
import type { PlatformName } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { type AppFile, missingCredentials } from '../../shared/platforms/app-wants.ts';
import type { Variables } from '../../shared/platforms/tools.ts';

/** Says once, at the start, what of workflows.yaml this environment has no credentials for. The function works without. */
export function reportMissing(
  { workflows, variables, log }: { workflows: AppFile; variables: Variables; log: Pick<Log, 'error'> },
  platforms: readonly PlatformName[],
): void {
  for (const { platform, variables: missing, wants } of missingCredentials(workflows, variables, platforms))
    log.error('credentials missing', {
      alarm: 'credentials_missing' satisfies AlarmName,
      platform,
      variables: missing.join(', '),
      wanted_by: wants.map((path) => path.join('.')).join(', '),
    });
}
