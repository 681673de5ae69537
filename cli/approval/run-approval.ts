import * as z from 'zod';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { callHttp } from '../../shared/http/call.ts';
import { idempotencyKey, requestIdOf } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { findFact } from '../../shared/request/records.ts';
import { connect } from '../inspect/connect.ts';
import { openApprovalDesk } from './dingtalk-approval.ts';
import { type FollowEvents, followRequest } from './follow-request.ts';
import type { SeenStep } from './steps.ts';

export interface ApprovalOrder {
  workflow: string;
  /** Values by form component. */
  values: Readonly<Record<string, string>>;
  requester: string;
  approver: string;
  result: 'agree' | 'refuse';
}

/** What became of an approval, as `--json` prints it. */
export interface ApprovalOutcome {
  request_id: string;
  workflow: string;
  parameters: Record<string, string>;
  invocation: { invoke_id: string; status: string; exit_code: number | null; instance_id: string } | null;
  message: { platform: 'dingtalk'; chat: string; text: string } | null;
  steps: { name: string; at_ms: number }[];
  duration_ms: number;
}

export interface Watched {
  outcome: ApprovalOutcome;
  /** How often the command ran and how many messages the group got. */
  runs: number;
  messages: number;
}

export interface ApprovalEvents extends FollowEvents {
  onSubmitted(requestId: string): void;
}

/**
 * Submits an approval, decides it, and follows it until it is closed, ignored, or the signal is aborted. Throws when
 * the cloud stops meanwhile.
 */
export async function runApproval(
  cloud: CloudDescription,
  order: ApprovalOrder,
  events: ApprovalEvents,
  signal: AbortSignal,
): Promise<Watched> {
  const processCode = cloud.dingtalk.process_codes[order.workflow] ?? '';
  const desk = await openApprovalDesk({ url: cloud.endpoints.dingtalk, ...cloud.dingtalk });
  const instanceId = await desk.submit({ processCode, requester: order.requester, values: order.values });
  const requestId = requestIdOf('dingtalk', instanceId);
  events.onSubmitted(requestId);
  const startedAt = Date.now();
  const decide = () => desk.decide(instanceId, order.approver, order.result);
  const steps = await followRequest(cloud, requestId, decide, events, signal);
  return collectOutcome(cloud, order.workflow, requestId, steps, Date.now() - startedAt);
}

/** The request as journal, Cloud Assistant and group tell it, with the steps that were seen. */
export async function collectOutcome(
  cloud: CloudDescription,
  workflow: string,
  requestId: string,
  steps: readonly SeenStep[],
  durationMs: number,
): Promise<Watched> {
  const { journal, cloudAssistant } = connect(cloud);
  const { facts } = await journal.read(requestId);
  const accepted = findFact(facts, 'accepted');
  const invokeId = findFact(facts, 'dispatched')?.invoke_id ?? findFact(facts, 'completed')?.invoke_id;
  const invocation = invokeId === undefined ? undefined : await cloudAssistant.findInvocation(invokeId);
  const instance = invocation?.instances[0];
  const messages = await readMessages(cloud, requestId);
  const [message] = messages;
  return {
    outcome: {
      request_id: requestId,
      workflow,
      parameters: accepted?.request.parameters ?? {},
      invocation:
        invocation && instance
          ? {
              invoke_id: invocation.invokeId,
              status: instance.status,
              exit_code: instance.exitCode ?? null,
              instance_id: instance.instanceId,
            }
          : null,
      message: message ? { platform: 'dingtalk', chat: message.chat, text: message.text } : null,
      steps: steps.map(({ name, at_ms }) => ({ name, at_ms })),
      duration_ms: durationMs,
    },
    runs: steps.filter(({ name }) => name === 'command invoked').length,
    messages: messages.length,
  };
}

const messagesSchema = z.array(z.object({ chat: z.string(), text: z.string(), msgUuid: z.string().optional() }));

/** What the group was told at the end of this request. */
export async function readMessages(cloud: CloudDescription, requestId: string) {
  const answer = await callHttp({
    service: 'control',
    method: 'GET',
    url: `${cloud.control.url}/messages`,
    headers: { authorization: `Bearer ${cloud.control.token}` },
    maxAnswerBytes: 64 * 1024 * 1024,
  });
  const key = idempotencyKey(requestId, 'final');
  return messagesSchema.parse(parseJson(answer.body)).filter(({ msgUuid }) => msgUuid === key);
}
