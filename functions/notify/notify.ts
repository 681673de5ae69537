import type { Invocation } from '../../shared/alicloud/cloud-assistant.ts';
import { isRequestId } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { createAdvance, type StepName } from '../../shared/request/advance.ts';
import { nextStep } from '../../shared/request/next-step.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import { createAnnounceSteps } from './announce.ts';
import { createAnswerPress } from './answer-press.ts';
import { createCollect } from './collect.ts';
import { createComment } from './comment.ts';
import type { NotifyOptions } from './notify-options.ts';
import { tellProgress } from './tell-progress.ts';

/** Steps before which a run may have ended: its start was not recorded yet, or its answer was lost. */
const MAY_HAVE_RUN: readonly StepName[] = ['collect', 'dispatch', 'confirm', 'cancel', 'stop'];

export interface Notify {
  advance(requestId: string): Promise<Chain>;
  /** Takes the request that this invocation belongs to further, even if dispatch has not yet recorded the run. */
  advanceInvocation(invokeId: string): Promise<void>;
}

export function createNotify(options: NotifyOptions): Notify {
  const { journal, cloudAssistant, log } = options;
  const collect = createCollect(options);
  const answer = createAnswerPress(options);
  const steps = { collect, answer, comment: createComment(options), ...createAnnounceSteps(options) };
  const goOn = createAdvance({ me: 'notify', journal, clock: options.clock, steps });

  /** Whatever was told may have held up the end, which is told under the same lease. */
  async function advance(requestId: string, invocation?: Invocation): Promise<Chain> {
    const chain = await goOn(requestId);
    return (await tellProgress(chain, options, invocation)) ? goOn(requestId) : chain;
  }

  async function advanceInvocation(invokeId: string): Promise<void> {
    const invocation = await cloudAssistant.findInvocation(invokeId);
    const requestId = invocation?.tags[REQUEST_TAG] ?? '';
    if (!invocation || !isRequestId(requestId) || invocation.tags[ENVIRONMENT_TAG] !== options.environmentName) {
      log.info('completion ignored', { invoke_id: invokeId, reason: 'not a run of this environment' });
      return;
    }
    const chain = await journal.read(requestId);
    if (MAY_HAVE_RUN.includes(nextStep(chain.facts, options.clock.now()).name)) await collect.from(invocation)(chain);
    await advance(requestId, invocation);
  }

  return { advance: (requestId) => advance(requestId), advanceInvocation };
}
