import type { CloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { isRequestId } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { createAdvance } from '../../shared/request/advance.ts';
import { nextStep } from '../../shared/request/next-step.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import { type AnnounceOptions, createAnnounceSteps } from './announce.ts';
import { createCollect } from './collect.ts';

export interface NotifyOptions extends AnnounceOptions {
  cloudAssistant: Pick<CloudAssistant, 'findInvocation'>;
  environmentName: string;
}

export interface Notify {
  advance(requestId: string): Promise<Chain>;
  /** Takes the request that this invocation belongs to further, even if dispatch has not yet recorded the run. */
  advanceInvocation(invokeId: string): Promise<void>;
}

export function createNotify(options: NotifyOptions): Notify {
  const { journal, cloudAssistant, log } = options;
  const collect = createCollect(options);
  const advance = createAdvance({ me: 'notify', journal, steps: { collect, ...createAnnounceSteps(options) } });

  async function advanceInvocation(invokeId: string): Promise<void> {
    const invocation = await cloudAssistant.findInvocation(invokeId);
    const requestId = invocation?.tags[REQUEST_TAG] ?? '';
    if (!invocation || !isRequestId(requestId) || invocation.tags[ENVIRONMENT_TAG] !== options.environmentName) {
      log.info('completion ignored', { invoke_id: invokeId, reason: 'not a run of this environment' });
      return;
    }
    const chain = await journal.read(requestId);
    const step = nextStep(chain.facts).name;
    // `dispatch`: the run has ended before the answer to its start was recorded, or without it.
    if (step === 'collect' || step === 'dispatch') await collect.from(invocation)(chain);
    await advance(requestId);
  }

  return { advance, advanceInvocation };
}
