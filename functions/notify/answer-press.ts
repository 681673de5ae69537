import { errorMessage, PermanentError, TransientError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { EFFECT_LEASE_MS } from '../../shared/journal/leases.ts';
import { renderOutput } from '../../shared/message/render-final.ts';
import { type Channel, findByName } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { AFTER_THE_END, pendingPress, pressedAttempt } from '../../shared/request/presses.ts';
import { type FactOf, findFact } from '../../shared/request/records.ts';
import { contentOf, messageOf } from './deliver-end.ts';
import { renderOptionsOf } from './describe-request.ts';
import { endedRequest } from './ended-request.ts';
import { MESSAGE_LEASE, messageKey } from './living-message.ts';
import type { NotifyOptions } from './notify-options.ts';

/** What could not be shown for so long is left, so that the request can be forgotten. */
const GIVE_UP_AFTER_MS = 24 * 3600_000;

/** Answer: what somebody asked for after the end is done, and the message shows who that was. */
export function createAnswerPress(options: NotifyOptions): CarryOut {
  const { journal, leases, clock, log } = options;
  return async (chain) => {
    const press = pendingPress(chain.facts, AFTER_THE_END);
    if (!press) throw new Error('there is no press to answer');
    const lease = await leases.take(chain.requestId, MESSAGE_LEASE, EFFECT_LEASE_MS);
    if (!lease) return undefined;
    try {
      if (press.what === 'retry') await beginAttempt(chain, press, options);
      const outcome = await tryToShow(chain, press, options);
      log.info('press answered', { request_id: chain.requestId, button: press.what, outcome });
      const at = new Date(clock.now()).toISOString();
      return (await journal.append(chain, { type: 'answered', at, what: press.what, outcome })).chain;
    } finally {
      await lease.release();
    }
  };
}

/** Ingest has begun it, unless it died in between. One that was accepted has a record, also when it is long over. */
async function beginAttempt(
  { requestId, facts }: Chain,
  press: FactOf<'pressed'>,
  { journal, markers, workflows, clock }: NotifyOptions,
): Promise<void> {
  const { language = 'zh-CN' } = workflows.workflows[findFact(facts, 'accepted')?.request.workflow ?? ''] ?? {};
  const attempt = pressedAttempt(requestId, facts, press, { language, now: clock.now() });
  if (!attempt || (await journal.read(attempt.request_id)).facts.length > 0) return;
  await markers.put(attempt);
}

async function tryToShow(chain: Chain, press: FactOf<'pressed'>, options: NotifyOptions): Promise<string> {
  try {
    return await show(chain, press, options);
  } catch (error) {
    const isTooLate = options.clock.now() > Date.parse(press.at) + GIVE_UP_AFTER_MS;
    if (!(error instanceof PermanentError) && !(error instanceof TransientError && isTooLate)) throw error;
    return error.code.slice(0, 128);
  }
}

async function show(chain: Chain, press: FactOf<'pressed'>, options: NotifyOptions): Promise<string> {
  const { messengers, workflows } = options;
  const ended = endedRequest(chain);
  const messenger = findByName(messengers, ended.platform);
  const chat = findFact(chain.facts, 'announced')?.chat ?? '';
  const channel = messenger.channel(chat);
  if (!channel) return 'no_chat';
  if (press.what === 'output') {
    const renderOptions = renderOptionsOf(workflows, ended.workflow, messenger, channel);
    const content = renderOutput(messageOf(chain, ended, messenger, workflows), renderOptions);
    const idempotencyKey = messageKey(chain.requestId, `${chat} output`);
    await channel.post({ ...content, mention: [], idempotencyKey });
  }
  await refresh(channel, press.message, contentOf(chain, ended, messenger, channel, options), chain, options);
  return 'done';
}

/** A courtesy: a message that is deleted or too old to change keeps what it shows. */
async function refresh(
  channel: Channel,
  message: string,
  content: ReturnType<typeof contentOf>,
  { requestId }: Chain,
  { log }: NotifyOptions,
): Promise<void> {
  try {
    await channel.update?.(message, { ...content, idempotencyKey: messageKey(requestId, message) });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    log.warn('who pressed is not shown', { request_id: requestId, error: errorMessage(error) });
  }
}
