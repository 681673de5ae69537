import type { Invocation } from '../../shared/alicloud/cloud-assistant.ts';
import { errorMessage, PermanentError, TransientError } from '../../shared/errors.ts';
import type { ProvisionRequest } from '../../shared/events.ts';
import { parseRequestId } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { EFFECT_LEASE_MS } from '../../shared/journal/leases.ts';
import { readNotice } from '../../shared/journal/notices.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { addTold, readTold, type Told } from '../../shared/journal/told.ts';
import type { OutgoingMessage } from '../../shared/message/outgoing-message.ts';
import { type Progress, renderProgress } from '../../shared/message/render-progress.ts';
import { type Channel, findByName } from '../../shared/platforms/platform.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { findPress, pressesOf } from '../../shared/request/presses.ts';
import { findFact } from '../../shared/request/records.ts';
import { chooseChats, replyIn } from './choose-chats.ts';
import { digestOf, renderOptionsOf, titleOf } from './describe-request.ts';
import { isFinal, toInstanceResult } from './instance-results.ts';
import { livingPurpose, MESSAGE_LEASE, messageKey } from './living-message.ts';
import type { NotifyOptions } from './notify-options.ts';

/**
 * Tells the chat how a request stands that has not ended. A courtesy: whatever fails, the request goes on. It is done
 * under the lease that the final message takes, and looks at the journal again under it, so that a late state never
 * overwrites the end. Returns whether it held that lease.
 */
export async function tellProgress(chain: Chain, options: NotifyOptions, invocation?: Invocation): Promise<boolean> {
  const { leases, log } = options;
  const request = findFact(chain.facts, 'accepted')?.request;
  if (!request || endOf(chain.facts) !== undefined || findFact(chain.facts, 'withdrawn')) return false;
  try {
    const place = await placeOf(chain, request, options, invocation);
    const lease = place && (await leases.take(chain.requestId, MESSAGE_LEASE, EFFECT_LEASE_MS));
    if (!place || !lease) return false;
    try {
      await tell(chain, request, place, options);
    } finally {
      await lease.release();
    }
  } catch (error) {
    if (!(error instanceof TransientError) && !(error instanceof PermanentError)) throw error;
    log.warn('progress not told', { request_id: chain.requestId, error: errorMessage(error) });
  }
  return true;
}

interface Place {
  progress: Progress;
  rank: number;
  chat: string;
  channel: Channel;
}

/** Where there is something new to say, and room to say it. */
async function placeOf(
  chain: Chain,
  request: ProvisionRequest,
  options: NotifyOptions,
  invocation?: Invocation,
): Promise<Place | undefined> {
  const progress = await progressOf(chain, options, invocation);
  const told = await readTold(options.work, chain.requestId);
  const rank = rankOf(progress, chain);
  // What a chat refuses it refuses once; the end tries it again.
  if (isTold(told, rank) || told.some(({ kind }) => kind === 'refused')) return undefined;
  const [chat] = chooseChats(options.workflows, request, told.at(-1)?.chat);
  const channel = chat === undefined ? undefined : findByName(options.messengers, request.platform).channel(chat);
  if (chat === undefined || !channel || !hasRoom(progress, channel, told, request, options)) return undefined;
  // The last of the month are for how requests end.
  const levels = await Promise.all(
    (['api', 'webhook'] as const).map((pot) => options.usage.level(request.platform, pot)),
  );
  return levels.every((level) => level === 'plenty') ? { progress, rank, chat, channel } : undefined;
}

/** A message that cannot change is sent for a wait, and for a start only if wanted; one update is kept for the end. */
function hasRoom(
  { kind }: Progress,
  channel: Channel,
  told: readonly Told[],
  request: ProvisionRequest,
  { workflows }: NotifyOptions,
): boolean {
  if (channel.update) return told.filter(({ message_id }) => message_id !== '').length < channel.maxUpdates;
  if (kind === 'waiting' || kind === 'offline' || kind === 'paused') return true;
  return kind === 'running' && !isTold(told, RUNNING) && workflows.workflows[request.workflow]?.start_message === true;
}

async function progressOf(
  { requestId, facts }: Chain,
  { work }: NotifyOptions,
  invocation?: Invocation,
): Promise<Progress> {
  const planned = findFact(facts, 'planned');
  if (planned && findFact(facts, 'dispatched')) {
    const ended = (invocation?.instances ?? []).filter(isFinal).map(toInstanceResult);
    return { kind: 'running', instances: planned.input.instances, ended };
  }
  const notice = await readNotice(work, requestId);
  return notice ?? { kind: 'accepted' };
}

/** A pause is told also of a request that was waiting for something else. */
const RANKS = { accepted: 0, waiting: 1, offline: 1, paused: 1.5 } as const;
const RUNNING = 2;

/** Later states have higher ranks, so that one that comes late is not told; that it is being stopped is one of them. */
function rankOf(progress: Progress, { facts }: Chain): number {
  if (progress.kind === 'running') return RUNNING + progress.ended.length + (findPress(facts, 'stop') ? 1 : 0);
  return RANKS[progress.kind];
}

/** Whether this state or a later one has been shown. */
function isTold(told: readonly Told[], rank: number): boolean {
  return told.some((before) => before.rank !== undefined && before.rank >= rank);
}

async function tell(chain: Chain, request: ProvisionRequest, place: Place, options: NotifyOptions): Promise<void> {
  const { chat, channel, progress, rank } = place;
  const current = await options.journal.read(chain.requestId);
  const told = await readTold(options.work, chain.requestId);
  if (endOf(current.facts) !== undefined || isTold(told, rank)) return;
  const messenger = findByName(options.messengers, request.platform);
  const content = renderProgress(
    {
      requestId: chain.requestId,
      workflowTitle: titleOf(options.workflows, request.workflow),
      subject: Object.values(request.parameters)[0] ?? '',
      ...request,
      link: messenger.approvalLink(parseRequestId(chain.requestId)?.instanceId ?? ''),
      ...digestOf(current.lastSha256),
      presses: pressesOf(current.facts),
      progress,
    },
    renderOptionsOf(options.workflows, request.workflow, messenger, channel),
  );
  const purpose = channel.update ? livingPurpose(chat, told) : `${chat} ${rank}`;
  const idempotency = { idempotencyKey: messageKey(chain.requestId, purpose) };
  const message = { ...content, mention: [], ...replyIn(chat, request), ...idempotency };
  if (channel.isLimited) await options.slots.take(`${request.platform}.${chat}`, 'progress');
  await show(message, place, { requestId: chain.requestId, told, work: options.work });
  options.log.info('progress told', { request_id: chain.requestId, chat, state: progress.kind });
}

/** In the message that is there already, where there is one that can change. */
async function show(
  message: OutgoingMessage,
  { channel, chat, rank }: Place,
  { requestId, told, work }: { requestId: string; told: readonly Told[]; work: ObjectStore },
): Promise<void> {
  const living = channel.update && told.findLast(({ message_id }) => message_id !== '');
  const isNoted = living || !channel.update || told.some(({ kind }) => kind === 'tried');
  const tried = isNoted ? told : await addTold(work, requestId, told, { kind: 'tried', chat, message_id: '' });
  try {
    if (living) await channel.update?.(living.message_id, message);
    const message_id = living ? living.message_id : await channel.post(message);
    await addTold(work, requestId, tried, { kind: 'shown', rank, chat: living ? living.chat : chat, message_id });
  } catch (error) {
    if (error instanceof PermanentError)
      await addTold(work, requestId, tried, { kind: 'refused', chat, message_id: '' });
    throw error;
  }
}
