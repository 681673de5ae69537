import type { Clock } from '../../shared/clock.ts';
import type { ProvisionCompleted } from '../../shared/events.ts';
import { idempotencyKey, sha256Hex } from '../../shared/ids.ts';
import type { Chain, Journal } from '../../shared/journal/journal.ts';
import { clearLeases, EFFECT_LEASE_MS, type Leases } from '../../shared/journal/leases.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import { clearNotices } from '../../shared/journal/notices.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Slots } from '../../shared/journal/slots.ts';
import type { Usage } from '../../shared/journal/usage.ts';
import type { Log } from '../../shared/log.ts';
import { headBytes, tailBytes } from '../../shared/message/neutralise.ts';
import { renderFinal } from '../../shared/message/render-final.ts';
import { findByName, type Messenger } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { findFact } from '../../shared/request/records.ts';
import type { Publish } from '../../shared/runtime/publish.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type EndedRequest, endedRequest } from './ended-request.ts';

export interface AnnounceOptions {
  journal: Journal;
  leases: Leases;
  markers: Markers;
  work: ObjectStore;
  slots: Slots;
  usage: Usage;
  messengers: readonly Messenger[];
  workflows: Workflows;
  publish: Publish;
  clock: Clock;
  log: Log;
}

/** The last steps of every request: tell the group, tell the bus, and take it off the list of open requests. */
export function createAnnounceSteps(options: AnnounceOptions): Record<'announce' | 'close' | 'forget', CarryOut> {
  const { journal, leases, markers, work, workflows, publish, log } = options;
  const now = () => new Date(options.clock.now()).toISOString();

  async function announce(chain: Chain): Promise<Chain | undefined> {
    const ended = endedRequest(chain);
    const workflow = workflows.workflows[ended.workflow];
    const chat = workflow?.chat[ended.platform];
    const messenger = findByName(options.messengers, ended.platform);
    const send = chat === undefined ? undefined : messenger.channel(chat);
    if (!workflow || chat === undefined || !send) {
      throw new Error(
        `workflow ${ended.workflow} has no chat on ${ended.platform}; the request stays open until it has one`,
      );
    }
    const lease = await leases.take(chain.requestId, 'announce', EFFECT_LEASE_MS);
    if (!lease) return undefined;
    // Leases go when a request is closed: who comes that late has to look whether the message is out.
    const current = await journal.read(chain.requestId);
    if (current.facts.length > chain.facts.length) {
      await lease.release();
      return current;
    }
    const message = renderFinal(
      { ...ended, workflowTitle: workflow.title, link: messenger.approvalLink(ended.instanceId) },
      { language: workflow.language, timeZone: workflow.time_zone, escape: messenger.escape },
    );
    try {
      await options.slots.take(`${ended.platform}.${chat}`, 'final');
      await send({ ...message, idempotencyKey: idempotencyKey(chain.requestId, 'final') });
    } catch (error) {
      await lease.release();
      throw error;
    }
    log.info('message delivered', { request_id: chain.requestId, chat, end: ended.end });
    const fact = {
      type: 'announced',
      at: now(),
      platform: ended.platform,
      chat,
      message_sha256: sha256Hex(message.text),
    } as const;
    return (await journal.append(chain, fact)).chain;
  }

  async function close(chain: Chain): Promise<Chain> {
    await publish({ type: 'ProvisionCompleted', source: 'approval-loop.notify', data: auditSummary(chain) });
    return (await journal.append(chain, { type: 'closed', at: now() })).chain;
  }

  async function forget(chain: Chain): Promise<Chain> {
    await clearLeases(work, chain.requestId);
    await clearNotices(work, chain.requestId);
    await markers.delete(chain.requestId);
    log.info('closed', { request_id: chain.requestId });
    return chain;
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
