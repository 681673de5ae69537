import { type Pot, readUsed } from '../../../shared/journal/usage.ts';
import type { Check } from '../check.ts';
import { error, type Finding, warning } from '../finding.ts';
import type { Admitted } from '../patient.ts';

const POTS: Record<Pot, string> = { api: 'calls of the API', webhook: 'messages by webhook' };
/** As in shared/journal/usage.ts: from here on notices are dropped, then lists are hardly read any more. */
const SCARCE = 0.8;
const LAST = 0.95;

/** What the functions have counted; what else the organisation uses nobody tells them. */
export const quota: Check = {
  name: 'quota',
  fine: 'less than 80 % of the month’s is used',
  needs: ['oss'],
  look: async (patient) =>
    (await Promise.all(patient.platforms.flatMap((platform) => lookAt(platform, patient)))).flat(),
};

function lookAt(platform: Admitted['platforms'][number], { input, work, tools }: Admitted): Promise<Finding[]>[] {
  const limits = input.workflows.quota[platform];
  if (!limits) return [];
  return (['api', 'webhook'] as const).map(async (pot) => {
    const used = await readUsed(work, platform, pot, tools.clock.now());
    const share = used / limits[pot];
    if (share < SCARCE) return [];
    const say = share < LAST ? warning : error;
    const seen = `${used} of ${limits[pot]} ${POTS[pot]} are used this month`;
    return [say(`quota of ${platform}`, seen, 'buy more at the platform, and set quota in workflows.yaml to it')];
  });
}
