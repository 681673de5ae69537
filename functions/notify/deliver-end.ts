import type { AlarmName } from '../../shared/alarms.ts';
import { errorMessage, PermanentError, TransientError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { addTold, readTold, type Told } from '../../shared/journal/told.ts';
import type { OutgoingMessage } from '../../shared/message/outgoing-message.ts';
import { renderFinal } from '../../shared/message/render-final.ts';
import { type Channel, findByName, type Messenger } from '../../shared/platforms/platform.ts';
import { waitingInstances } from '../../shared/request/offline.ts';
import { pressesOf } from '../../shared/request/presses.ts';
import { offlineWaitMs } from '../../shared/workflows/lookups.ts';
import { chooseChats, replyIn } from './choose-chats.ts';
import { digestOf, renderOptionsOf, titleOf } from './describe-request.ts';
import type { EndedRequest } from './ended-request.ts';
import { messageKey, showEnd } from './living-message.ts';
import type { NotifyOptions } from './notify-options.ts';

export interface Delivered {
  chat: string;
  content: Omit<OutgoingMessage, 'idempotencyKey'>;
}

/** A chat that could not be reached, and why. */
interface Missed {
  chat: string;
  code: string;
}

/** Brings the final message to the first chat that takes it; rejects when none does, after telling the operators. */
export async function deliverEnd(chain: Chain, ended: EndedRequest, options: NotifyOptions): Promise<Delivered> {
  const { work, log } = options;
  const messenger = findByName(options.messengers, ended.platform);
  let told = await readTold(work, chain.requestId);
  const chats = chooseChats(options.workflows, ended, told.find(({ message_id }) => message_id !== '')?.chat);
  let missed: Missed | undefined;
  for (const chat of chats) {
    const channel = messenger.channel(chat);
    if (!channel) continue;
    try {
      return { chat, content: await sendTo(chat, channel, { chain, ended, messenger, told, missed }, options) };
    } catch (error) {
      const isRefused = error instanceof PermanentError;
      // What may pass is waited for, but not for ever where another chat may be reached.
      if (!isRefused && !(error instanceof TransientError && isOverdue(chain, options))) throw error;
      missed = { chat, code: error.code };
      if (isRefused && channel.update)
        told = await addTold(work, chain.requestId, told, { kind: 'refused', chat, message_id: '' });
      log.warn('chat not reached', { request_id: chain.requestId, chat, error: errorMessage(error) });
    }
  }
  await tellOperators(chain, ended, messenger, told, options, missed);
  const tried = missed ? `the last one, ${missed.chat}, answered ${missed.code}` : 'none is configured';
  log.error('no chat can be reached', {
    request_id: chain.requestId,
    alarm: 'message_undeliverable' satisfies AlarmName,
  });
  throw new PermanentError(
    missed?.code ?? 'chat.none',
    `workflow ${ended.workflow} has no chat on ${ended.platform} that can be reached (${tried}); the request stays open until it has one`,
  );
}

/** Shows the end in this chat and gives what it shows: words that the platform refuses are left out. */
async function sendTo(
  chat: string,
  channel: Channel,
  about: { chain: Chain; ended: EndedRequest; messenger: Messenger; told: readonly Told[]; missed: Missed | undefined },
  options: NotifyOptions,
): Promise<Delivered['content']> {
  const { chain, ended, messenger, told, missed } = about;
  const send = async (content: Delivered['content']) => {
    if (channel.isLimited) await options.slots.take(`${ended.platform}.${chat}`, 'final');
    await showEnd(
      channel,
      chat,
      { ...content, ...replyIn(chat, ended) },
      { requestId: chain.requestId, told, work: options.work },
    );
    return content;
  };
  try {
    return await send(contentOf(chain, ended, messenger, channel, options, missed));
  } catch (error) {
    if (!(error instanceof PermanentError) || !messenger.refusesContent(error.code)) throw error;
    // Without anything that others have written: what the request is about stands in the approval that it links to.
    const brief = contentOf(chain, { ...ended, subject: '' }, messenger, channel, options);
    return send({ ...brief, blocks: brief.blocks.filter(({ name }) => name === 'reference') });
  }
}

const PATIENCE_MS = 15 * 60_000;

/** Whether the request has ended so long ago that its people should hear of it by another way. */
function isOverdue({ facts }: Chain, { clock }: NotifyOptions): boolean {
  return clock.now() > Date.parse(facts.at(-1)?.at ?? '') + PATIENCE_MS;
}

/** What the chat is told at the end. */
export function contentOf(
  chain: Chain,
  ended: EndedRequest,
  messenger: Messenger,
  channel: Pick<Channel, 'maxBytes' | 'hasButtons'>,
  { workflows }: NotifyOptions,
  missed?: Missed,
): Delivered['content'] {
  const message = { ...messageOf(chain, ended, messenger, workflows), ...laterOf(chain, ended, workflows), missed };
  const content = renderFinal(message, renderOptionsOf(workflows, ended.workflow, messenger, channel));
  return { ...content, mention: mentioned(ended, workflows) };
}

/** What every message about the end knows. */
export function messageOf(
  chain: Chain,
  ended: EndedRequest,
  messenger: Messenger,
  workflows: NotifyOptions['workflows'],
) {
  return {
    ...ended,
    workflowTitle: titleOf(workflows, ended.workflow),
    link: messenger.approvalLink(ended.instanceId),
    ...digestOf(chain.lastSha256),
    presses: pressesOf(chain.facts),
  };
}

function laterOf(chain: Chain, { workflow }: EndedRequest, workflows: NotifyOptions['workflows']) {
  const instances = waitingInstances(chain.requestId, chain.facts, workflows);
  const known = workflows.workflows[workflow];
  return instances.length === 0 || !known ? {} : { later: { instances, waitMs: offlineWaitMs(known) } };
}

function mentioned({ workflow, requester, approvers }: EndedRequest, { workflows }: NotifyOptions['workflows']) {
  const wanted = workflows[workflow]?.mention ?? [];
  const people = [
    ...(requester && wanted.includes('requester') ? [requester] : []),
    ...(wanted.includes('approvers') ? approvers : []),
  ];
  return [...new Set(people.map(({ id }) => id))].filter((id) => PERSON_ID.test(id));
}

/** What may stand in the markup that calls somebody. */
const PERSON_ID = /^[A-Za-z0-9_@.-]{1,64}$/;
const MAX_BYTES = 8_000;

/** Once, each in private. A courtesy on top of the alarm: if it fails, the error is that of the chats. */
async function tellOperators(
  chain: Chain,
  ended: EndedRequest,
  messenger: Messenger,
  told: readonly Told[],
  options: NotifyOptions,
  missed?: Missed,
): Promise<void> {
  const people = options.workflows.operators?.[ended.platform] ?? [];
  if (people.length === 0 || told.some(({ kind }) => kind === 'operators')) return;
  if (!messenger.tell)
    return options.log.warn('operators not told', { request_id: chain.requestId, error: 'no credentials of the app' });
  const content = { ...contentOf(chain, ended, messenger, { maxBytes: MAX_BYTES }, options, missed), mention: [] };
  let reached = 0;
  for (const person of people) {
    try {
      const idempotencyKey = messageKey(chain.requestId, `operator ${person}`);
      await messenger.tell([person], { ...content, idempotencyKey });
      reached += 1;
    } catch (error) {
      options.log.warn('operator not told', { request_id: chain.requestId, error: errorMessage(error) });
    }
  }
  if (reached === 0) return;
  await addTold(options.work, chain.requestId, told, { kind: 'operators', chat: '', message_id: '' });
  options.log.info('operators told', { request_id: chain.requestId, reached });
}
