import * as z from 'zod';
import type { Cloud } from '../local/cloud/cloud.ts';
import { groupIdOf } from '../shared/workflows/lookups.ts';
import { decide } from './desk.ts';
import type { Submitted } from './made-by.ts';
import type { Order } from './orders.ts';

/** Whoever has no answer asks again. Of the cloud's time. */
const PATIENCE_MS = 60 * 60_000;

/** What somebody asks the robot of a group, and the messages with which they have. */
export interface Ask {
  order: Order;
  questions: string[];
  /** The last time, in the cloud's time. */
  askedAt: number;
  /** Questions whose answer has been read. */
  answered: Set<string>;
}

/** Writes to the robot: the values as the workflow names them. */
export function ask(order: Order, cloud: Cloud, now: number, before?: Ask): Ask {
  const { words = [], chats = [] } = cloud.workflows.workflows[order.workflow] ?? {};
  const group = groupIdOf(cloud.workflows.chats[chats[0] ?? ''] ?? {}, 'lark') ?? '';
  const values = Object.entries(order.values).map(([name, value]) => `${name}="${value}"`);
  const question = cloud.lark.sayToBot(order.requester, group, [words[0], ...values].join(' '));
  return {
    order,
    askedAt: now,
    questions: [...(before?.questions ?? []), question],
    answered: before?.answered ?? new Set(),
  };
}

const textSchema = z.object({ text: z.string() });

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
  const answers = new Map(
    cloud.lark.messages().flatMap(({ parent_id, msg_type, content }) => {
      const isAnswer = parent_id !== undefined && msg_type === 'text';
      return isAnswer ? [[parent_id, textSchema.parse(JSON.parse(content)).text] as const] : [];
    }),
  );
  for (const { order, questions, answered } of asks) {
    for (const question of questions.filter((id) => !answered.has(id))) {
      const [, instanceId] = /编号 ([\w-]+)。/.exec(answers.get(question) ?? '') ?? [];
      if (instanceId === undefined) continue;
      answered.add(question);
      submitted.push({ requestId: await decide(order, instanceId, cloud), order });
    }
  }
  const again = (one: Ask) => one.answered.size === 0 && now - one.askedAt > PATIENCE_MS;
  return { submitted, asks: asks.map((one) => (again(one) ? ask(one.order, cloud, now, one) : one)) };
}
