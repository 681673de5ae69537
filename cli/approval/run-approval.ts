import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { type PlatformName, requestIdOf } from '../../shared/ids.ts';
import { findFact } from '../../shared/request/records.ts';
import { connect } from '../inspect/connect.ts';
import { type FollowEvents, followRequest } from './follow-request.ts';
import { readMessages, type ShownMessage } from './group-messages.ts';
import { type ApprovalOrder, openDesk } from './open-desk.ts';
import type { SeenStep } from './steps.ts';

/** What became of an approval, as `--json` prints it. */
export interface ApprovalOutcome {
  request_id: string;
  workflow: string;
  parameters: Record<string, string>;
  invocation: { invoke_id: string; status: string; exit_code: number | null; instance_id: string } | null;
  message: OutcomeMessage | null;
  steps: { name: string; at_ms: number }[];
  duration_ms: number;
}

export interface OutcomeMessage {
  platform: PlatformName;
  chat: string;
  text: string;
  /** How often it has changed, where it has. */
  updates?: number;
  /** The text of the message that it answers, where it was asked for in a group. */
  answers?: string;
}

export interface Watched {
  outcome: ApprovalOutcome;
  /** How often the command ran and how many messages the group got. */
  runs: number;
  messages: number;
}

export interface ApprovalEvents extends FollowEvents {
  onSubmitted(requestId: string): void;
  /** Submits it in another way than people do in the app; gives the id of the approval instance. */
  submit?: (order: ApprovalOrder) => Promise<string>;
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
  const desk = await openDesk(cloud, order.platform);
  const instanceId = await (events.submit ?? desk.submit)(order);
  const requestId = requestIdOf(order.platform, instanceId);
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
      message: message ? outcomeMessage(message) : null,
      steps: steps.map(({ name, at_ms }) => ({ name, at_ms })),
      duration_ms: durationMs,
    },
    runs: steps.filter(({ name }) => name === 'command invoked').length,
    messages: messages.length,
  };
}

function outcomeMessage({ platform, chat, text, updates, answers }: ShownMessage): OutcomeMessage {
  const changed = updates > 0 ? { updates } : {};
  return { platform, chat, text, ...changed, ...(answers === undefined ? {} : { answers }) };
}
