import type { Chain } from '../../shared/journal/journal.ts';
import { putNotice } from '../../shared/journal/notices.ts';
import { markWaiting } from '../../shared/journal/waits.ts';
import { LATER } from '../../shared/request/offline.ts';
import { findFact } from '../../shared/request/records.ts';
import { offlineWaitMs } from '../../shared/workflows/lookups.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** Whether the instances of an attempt that waits for their agents can be reached, or have been waited for long enough. */
export async function waitForAgents(chain: Chain, options: DispatchOptions): Promise<boolean> {
  const { cloudAssistant, workflows, work, clock, log } = options;
  const accepted = findFact(chain.facts, 'accepted');
  const instances = findFact(chain.facts, 'planned')?.input.instances ?? [];
  const workflow = accepted && workflows.workflows[accepted.request.workflow];
  if (!accepted || !workflow || accepted.request.retry?.by !== LATER) return true;
  if (clock.now() > Date.parse(accepted.at) + offlineWaitMs(workflow)) return true;
  const online = await cloudAssistant.findOnline(instances);
  const missing = instances.filter((id) => !online.includes(id));
  if (missing.length === 0) return true;
  log.info('waiting for agents', { request_id: chain.requestId, instances: missing });
  await markWaiting(work, chain.requestId, clock.now());
  await putNotice(work, chain.requestId, { kind: 'offline', instances: missing });
  return false;
}
