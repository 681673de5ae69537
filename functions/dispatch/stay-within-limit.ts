import type { AlarmName } from '../../shared/alarms.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { putPause } from '../../shared/journal/pauses.ts';
import { takeStart } from '../../shared/journal/starts.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/**
 * Whether the workflow may have one more run within this hour; if not, it is paused until a person has looked. Reversals
 * neither count nor are counted, as no pause holds them up.
 */
export async function stayWithinLimit({ requestId, facts }: Chain, options: DispatchOptions): Promise<boolean> {
  const { workflows, work, clock, log } = options;
  const request = findFact(facts, 'accepted')?.request;
  const perHour = request && workflows.workflows[request.workflow]?.limits?.per_hour;
  if (!request || request.action === 'revoke' || perHour === undefined) return true;
  const { workflow } = request;
  if (await takeStart({ work, clock }, { workflow, requestId, perHour })) return true;
  const pause = { kind: 'limit', at: clock.now(), per_hour: perHour } as const;
  if ((await putPause(work, { workflow, pause })) === 'created')
    log.error('paused by itself', {
      request_id: requestId,
      workflow,
      per_hour: perHour,
      alarm: 'workflow_paused' satisfies AlarmName,
    });
  return false;
}
