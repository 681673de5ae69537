import { errorMessage, PermanentError, TransientError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { addTold, readTold, type Told } from '../../shared/journal/told.ts';
import type { OutgoingMessage } from '../../shared/message/outgoing-message.ts';
import { renderFinal } from '../../shared/message/render-final.ts';
import { type Channel, findByName, type Messenger } from '../../shared/platforms/platform.ts';
import { waitingInstances } from '../../shared/request/offline.ts';
import { chooseChats } from './choose-chats.ts';
import { digestOf, renderOptionsOf, titleOf } from './describe-request.ts';
import type { EndedRequest } from './ended-request.ts';
import { messageKey, REFUSED, showEnd } from './living-message.ts';
import type { NotifyOptions } from './notify-options.ts';

export interface Delivered {
  chat: string;
  content: Omit<OutgoingMessage, 'idempotencyKey'>;
}

/** The rank of what the operators were told. */
const TO_OPERATORS = -2;

/** Brings the final message to the first chat that takes it; rejects when none does, after telling the operators. */
export async function deliverEnd(chain: Chain, ended: EndedRequest, options: NotifyOptions): Promise<Delivered> {
  const messenger = findByName(options.messengers, ended.platform);
  let told = await readTold(options.work, chain.requestId);
  const chats = chooseChats(options.workflows, ended, told.find(({ message_id }) => message_id !== '')?.chat);
  let missed: { chat: string; code: string } | undefined;
  for (const chat of chats) {
    const channel = messenger.channel(chat);
    if (!channel) continue;
    const content = contentOf(chain, ended, messenger, channel, options, missed);
    const send = async (shown: Delivered['content']) => {
      if (channel.isLimited) await options.slots.take(`${ended.platform}.${chat}`, 'final');
      await showEnd(channel, chat, shown, { requestId: chain.requestId, told });
    };
    try {
      await sendOrShorten(send, content, messenger);
      return { chat, content };
    } catch (error) {
      const isRefused = error instanceof PermanentError;
      // What may pass is waited for, but not for ever where another chat may be reached.
      if (!isRefused && !(error instanceof TransientError && isOverdue(chain, options))) throw error;
      missed = { chat, code: error.code };
      if (isRefused && channel.update)
        told = await addTold(options.work, chain.requestId, told, { rank: REFUSED, chat, message_id: '' });
      options.log.warn('chat not reached', { request_id: chain.requestId, chat, error: errorMessage(error) });
    }
  }
  await tellOperators(chain, ended, messenger, told, options, missed);
  const tried = missed ? `the last one, ${missed.chat}, answered ${missed.code}` : 'none is configured';
  options.log.error('no chat can be reached', { request_id: chain.requestId, alarm: true });
  throw new PermanentError(
    missed?.code ?? 'chat.none',
    `workflow ${ended.workflow} has no chat on ${ended.platform} that can be reached (${tried}); the request stays open until it has one`,
  );
}

/** A text that the platform's censors refuse is sent again without what others have written. */
async function sendOrShorten(
  send: (content: Delivered['content']) => Promise<void>,
  content: Delivered['content'],
  messenger: Messenger,
): Promise<void> {
  try {
    await send(content);
  } catch (error) {
    if (!(error instanceof PermanentError) || !messenger.refusesContent(error.code)) throw error;
    await send({ ...content, blocks: content.blocks.filter(({ name }) => name === 'reference') });
  }
}

const PATIENCE_MS = 15 * 60_000;

/** Whether the request has ended so long ago that its people should hear of it by another way. */
function isOverdue({ facts }: Chain, { clock }: NotifyOptions): boolean {
  return clock.now() > Date.parse(facts.at(-1)?.at ?? '') + PATIENCE_MS;
}

function contentOf(
  chain: Chain,
  ended: EndedRequest,
  messenger: Messenger,
  channel: Pick<Channel, 'maxBytes'>,
  { workflows }: NotifyOptions,
  missed?: { chat: string; code: string },
): Delivered['content'] {
  const message = {
    ...ended,
    workflowTitle: titleOf(workflows, ended.workflow),
    link: messenger.approvalLink(ended.instanceId),
    ...digestOf(chain.lastSha256),
    ...laterOf(chain, ended, workflows),
    missed,
  };
  const content = renderFinal(message, renderOptionsOf(workflows, ended.workflow, messenger, channel));
  return { ...content, mention: mentioned(ended, workflows) };
}

function laterOf(chain: Chain, { workflow }: EndedRequest, workflows: NotifyOptions['workflows']) {
  const instances = waitingInstances(chain.requestId, chain.facts, workflows);
  const time = workflows.workflows[workflow]?.run.offline.replace('wait ', '') ?? '';
  return instances.length === 0 ? {} : { later: { instances, time } };
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
  missed?: { chat: string; code: string },
): Promise<void> {
  const people = options.workflows.operators?.[ended.platform] ?? [];
  if (!messenger.tell || people.length === 0 || told.some(({ rank }) => rank === TO_OPERATORS)) return;
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
  await addTold(options.work, chain.requestId, told, { rank: TO_OPERATORS, chat: '', message_id: '' });
  options.log.info('operators told', { request_id: chain.requestId, reached });
}
