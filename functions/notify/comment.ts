import { PermanentError, TransientError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { EFFECT_LEASE_MS } from '../../shared/journal/leases.ts';
import { oneLine } from '../../shared/message/neutralise.ts';
import { TEXTS } from '../../shared/message/texts.ts';
import { findByName } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { findFact } from '../../shared/request/records.ts';
import { titleOf } from './describe-request.ts';
import { endedRequest } from './ended-request.ts';
import type { NotifyOptions } from './notify-options.ts';

/** Comment: the end of the request in one line on the approval itself. What the platform refuses is not tried again. */
export function createComment(options: NotifyOptions): CarryOut {
  const { journal, leases, log } = options;
  return async (chain) => {
    const as = findFact(chain.facts, 'announced')?.comment_as;
    if (as === undefined) throw new Error('there is nobody to comment as');
    const lease = await leases.take(chain.requestId, 'comment', EFFECT_LEASE_MS);
    if (!lease) return undefined;
    let outcome: string;
    try {
      outcome = await write(chain, as, options);
    } catch (error) {
      await lease.release();
      throw error;
    }
    const at = new Date(options.clock.now()).toISOString();
    log.info('commented', { request_id: chain.requestId, outcome });
    const { chain: next } = await journal.append(chain, { type: 'commented', at, outcome });
    await lease.release();
    return next;
  };
}

const MAX_SUBJECT_BYTES = 64;
/** What could not be written for so long is left, so that the request can be closed. */
const GIVE_UP_AFTER_MS = 24 * 3600_000;

async function write(
  chain: Chain,
  as: string,
  { messengers, workflows, usage, clock }: NotifyOptions,
): Promise<string> {
  const ended = endedRequest(chain);
  const announced = Date.parse(findFact(chain.facts, 'announced')?.at ?? '');
  const isTooLate = clock.now() > announced + GIVE_UP_AFTER_MS;
  const { comment } = findByName(messengers, ended.platform);
  if (!comment) return 'no_credentials';
  if ((await usage.level(ended.platform, 'api')) === 'last') return 'quota';
  const texts = TEXTS[workflows.workflows[ended.workflow]?.language ?? 'zh-CN'];
  const title = titleOf(workflows, ended.workflow);
  const revoke = ended.action === 'revoke' ? texts.revoke : '';
  // In brackets: the id of one attempt is the beginning of the next one's.
  const marker = `[${chain.requestId}]`;
  const text = `${revoke}${title} · ${oneLine(ended.subject, MAX_SUBJECT_BYTES)} ${texts.ends[ended.end]} ${marker}`;
  try {
    await comment(ended.instanceId, as, { text, marker });
    return 'written';
  } catch (error) {
    if (!(error instanceof PermanentError) && !(error instanceof TransientError && isTooLate)) throw error;
    return error.code.slice(0, 128);
  }
}
