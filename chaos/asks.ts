import * as z from 'zod';
import type { Cloud } from '../local/cloud/cloud.ts';
import { groupMessages } from '../local/cloud/group-messages.ts';
import { groupIdOf } from '../shared/workflows/lookups.ts';
import { decide, readForm } from './desk.ts';
import type { Submitted } from './made-by.ts';
import type { Order } from './orders.ts';

/** Whoever has no answer asks again. Of the cloud's time. */
const PATIENCE_MS = 60 * 60_000;

/** What somebody asks the robot of a group, and the messages with which they have. */
export interface Ask {
  order: Order;
  /** In Lark, where an answer says which message it is to. */
  questions: string[];
  /** The last time, in the cloud's time. */
  askedAt: number;
  /** Approvals that answers to it have named. */
  approvals: Set<string>;
}

/** Writes to the robot: the values as the workflow names them. */
export async function ask(order: Order, cloud: Cloud, now: number, before?: Ask): Promise<Ask> {
  const { words = [] } = cloud.workflows.workflows[order.workflow] ?? {};
  const group = groupIdOf(cloud.workflows.chats[order.chat] ?? {}, order.platform) ?? '';
  const values = Object.entries(order.values).map(([name, value]) => `${name}="${value}"`);
  const text = [words[0], ...values].join(' ');
  const questions = before?.questions ?? [];
  const approvals = before?.approvals ?? new Set();
  if (order.platform === 'lark') questions.push(cloud.lark.sayToBot(order.requester, group, text));
  // Whether anybody took it is not for the person to know: there is an answer, or there is none.
  else await cloud.dingtalk.sayToBot(order.requester, group, text);
  return { order, askedAt: now, questions, approvals };
}

/**
 * Reads what the robot has answered since, and decides the approvals that it names: each answer to a question is one,
 * also to a question that was asked again meanwhile. Gives the approvals and the asks as they are then.
 */
export async function readAnswers(
  asks: readonly Ask[],
  cloud: Cloud,
  now: number,
): Promise<{ asks: Ask[]; submitted: Submitted[] }> {
  const submitted: Submitted[] = [];
  for (const { instanceId, to } of [...answersOfLark(asks, cloud), ...(await answersOfDingtalk(asks, cloud))]) {
    to.approvals.add(instanceId);
    submitted.push({ requestId: await decide(to.order, instanceId, cloud), order: to.order });
  }
  const again = (one: Ask) => one.approvals.size === 0 && now - one.askedAt > PATIENCE_MS;
  const next = asks.map(async (one) => (again(one) ? ask(one.order, cloud, now, one) : one));
  return { submitted, asks: await Promise.all(next) };
}

interface Answer {
  instanceId: string;
  to: Ask;
}

const textSchema = z.object({ text: z.string() });

function answersOfLark(asks: readonly Ask[], { lark }: Cloud): Answer[] {
  const messages = lark.messages().filter(({ msg_type, parent_id }) => msg_type === 'text' && parent_id !== undefined);
  return messages.flatMap(({ parent_id = '', content }) => {
    const to = asks.find(({ questions }) => questions.includes(parent_id));
    const instanceId = idIn(textSchema.parse(JSON.parse(content)).text);
    return to && instanceId !== undefined && !to.approvals.has(instanceId) ? [{ instanceId, to }] : [];
  });
}

/** There an answer does not say to whom: whoever asked opens the approval and sees whether it is about their employee. */
async function answersOfDingtalk(asks: readonly Ask[], cloud: Cloud): Promise<Answer[]> {
  const own = asks.filter(({ order }) => order.platform === 'dingtalk');
  const [first] = own;
  if (!first) return [];
  const messages = groupMessages(cloud).filter(({ platform }) => platform === 'dingtalk');
  const named = new Set(messages.flatMap(({ title, text }) => (title === '' ? (idIn(text) ?? []) : [])));
  const seen = new Set(own.flatMap(({ approvals }) => [...approvals]));
  const answers: Answer[] = [];
  for (const instanceId of [...named].filter((id) => !seen.has(id))) {
    const { emp_id } = await readForm(first.order, instanceId, cloud);
    const about = own.filter(({ order }) => order.employee === emp_id);
    const to = about.find(({ approvals }) => approvals.size === 0) ?? about[0];
    if (to) answers.push({ instanceId, to });
  }
  return answers;
}

function idIn(answer: string): string | undefined {
  return /编号 ([\w-]+)。/.exec(answer)?.[1];
}
