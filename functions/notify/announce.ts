import type { ProvisionCompleted } from '../../shared/events.ts';
import { sha256Hex } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { clearLeases, EFFECT_LEASE_MS } from '../../shared/journal/leases.ts';
import { clearNotices } from '../../shared/journal/notices.ts';
import { clearTold } from '../../shared/journal/told.ts';
import { headBytes, tailBytes } from '../../shared/message/neutralise.ts';
import { joinBlocks } from '../../shared/message/outgoing-message.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { laterMarker } from '../../shared/request/offline.ts';
import { AFTER_THE_END, pendingPress, reopeningMarker } from '../../shared/request/presses.ts';
import { findFact } from '../../shared/request/records.ts';
import { deliverEnd } from './deliver-end.ts';
import { type EndedRequest, endedRequest } from './ended-request.ts';
import { MESSAGE_LEASE } from './living-message.ts';
import type { NotifyOptions } from './notify-options.ts';

/** The last steps of every request: tell the group, tell the bus, and take it off the list of open requests. */
export function createAnnounceSteps(options: NotifyOptions): Record<'announce' | 'close' | 'forget', CarryOut> {
  const { journal, leases, markers, work, publish, log } = options;
  const now = () => new Date(options.clock.now()).toISOString();

  async function announce(chain: Chain): Promise<Chain | undefined> {
    // The attempt on instances that were offline is on its way before this one is over, whether anybody hears of it or not.
    const later = laterMarker(chain.requestId, chain.facts, options.workflows, options.clock.now());
    if (later) await markers.put(later);
    const lease = await leases.take(chain.requestId, MESSAGE_LEASE, EFFECT_LEASE_MS);
    if (!lease) return undefined;
    // Leases go when a request is closed: who comes that late has to look whether the message is out.
    const current = await journal.read(chain.requestId);
    if (current.facts.length > chain.facts.length) {
      await lease.release();
      return current;
    }
    const ended = endedRequest(chain);
    try {
      const { chat, content } = await deliverEnd(chain, ended, options);
      log.info('message delivered', { request_id: chain.requestId, chat, end: ended.end });
      const message_sha256 = sha256Hex(joinBlocks(content.blocks));
      const comment_as = options.workflows.workflows[ended.workflow]?.comment_as?.[ended.platform];
      const fact = { type: 'announced', at: now(), platform: ended.platform, chat, message_sha256 } as const;
      return (await journal.append(chain, { ...fact, ...(comment_as !== undefined && { comment_as }) })).chain;
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  async function close(chain: Chain): Promise<Chain> {
    await publish({ type: 'ProvisionCompleted', source: 'approval-loop.notify', data: auditSummary(chain) });
    return (await journal.append(chain, { type: 'closed', at: now() })).chain;
  }

  async function forget(chain: Chain): Promise<Chain> {
    await clearLeases(work, chain.requestId);
    await clearNotices(work, chain.requestId);
    await clearTold(work, chain.requestId);
    await markers.delete(chain.requestId);
    await reopenIfPressed(chain);
    log.info('closed', { request_id: chain.requestId });
    return chain;
  }

  /** Somebody may press a button at this moment, and count on the marker that has just gone. */
  async function reopenIfPressed(chain: Chain): Promise<void> {
    const workflow = findFact(chain.facts, 'accepted')?.request.workflow ?? '';
    if (!options.workflows.workflows[workflow]?.buttons) return;
    const { facts } = await journal.read(chain.requestId);
    const marker = pendingPress(facts, AFTER_THE_END) && reopeningMarker(chain.requestId, facts, options.clock.now());
    if (marker) await markers.put(marker);
  }

  return { announce, close, forget };
}

/** Bytes of the audit event's JSON: EventBridge takes 64 KB with what stands around it. */
const MAX_EVENT_BYTES = 60_000;
const MAX_PARAMETER_BYTES = 1024;

function auditSummary(chain: Chain): ProvisionCompleted {
  const ended: EndedRequest = endedRequest(chain);
  const invokeId = findFact(chain.facts, 'completed')?.invoke_id;
  const parameters = Object.entries(ended.parameters).map(([name, value]) => [
    name,
    cutToJson(value, MAX_PARAMETER_BYTES, headBytes),
  ]);
  const summary: ProvisionCompleted = {
    request_id: chain.requestId,
    workflow: ended.workflow,
    status: ended.end,
    ...(ended.refusal && { refusal: ended.refusal.code }),
    ...(ended.requester && { requester: ended.requester }),
    approvers: [...ended.approvers],
    ...(ended.approval && { approval: ended.approval }),
    parameters: Object.fromEntries(parameters),
    ...(invokeId === undefined ? {} : { invoke_id: invokeId }),
    instances: ended.instances.map(({ instance_id, status, exit_code, output_sha256 }) => {
      return { instance_id, status, exit_code, output_sha256, output_tail: '' };
    }),
    last_record_sha256: chain.lastSha256 ?? '',
  };
  // The outputs share whatever room the rest leaves.
  const room = Math.floor((MAX_EVENT_BYTES - jsonSize(summary)) / Math.max(1, ended.instances.length));
  const tail = (text: string, maxBytes: number) => tailBytes(Buffer.from(text), maxBytes);
  const instances = summary.instances.map((instance, index) => ({
    ...instance,
    output_tail: cutToJson(ended.instances[index]?.output_tail ?? '', room, tail),
  }));
  return { ...summary, instances };
}

/** The text cut until its JSON has at most so many bytes; one byte of it can take six there. */
function cutToJson(text: string, maxBytes: number, cut: (text: string, maxBytes: number) => string): string {
  let kept = cut(text, Math.max(0, maxBytes));
  for (let over = jsonSize(kept) - maxBytes; over > 0 && kept !== ''; over = jsonSize(kept) - maxBytes)
    kept = cut(kept, Buffer.byteLength(kept) - Math.ceil(over / 6));
  return kept;
}

function jsonSize(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
