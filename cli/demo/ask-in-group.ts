import type { Cloud } from '../../local/cloud/cloud.ts';
import { groupMessages } from '../../local/cloud/group-messages.ts';
import { PEOPLE } from '../../local/cloud/people.ts';
import { sayInGroup } from '../../local/cloud/say-in-group.ts';
import { type PlatformName, parseRequestId } from '../../shared/ids.ts';
import { fieldOf, groupIdOf } from '../../shared/workflows/lookups.ts';
import type { Workflow, Workflows } from '../../shared/workflows/schema.ts';
import type { ApprovalOrder } from '../approval/open-desk.ts';

/** The group of this platform in which people may ask for the workflow, by its name in workflows.yaml. */
export function groupFor(
  { chats }: Pick<Workflows, 'chats'>,
  workflow: Workflow,
  platform: PlatformName,
): string | undefined {
  if (!workflow.words || !workflow.on[platform]) return undefined;
  return workflow.chats?.find((chat) => groupIdOf(chats[chat] ?? {}, platform) !== undefined);
}

/**
 * Somebody writes to the robot of the group what they would have filled in; gives the approval that it started. Rejects
 * with the robot's answer where it started none.
 */
export async function askInGroup(
  cloud: Cloud,
  chat: string,
  order: ApprovalOrder,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<string> {
  const text = wordsOf(cloud.workflows, order);
  say(`${chat}  ${PEOPLE.find(({ id }) => id === order.requester)?.name}: @approval-loop ${text}`);
  const { promise, stop } = awaitAnswer(cloud, signal);
  try {
    const { platform, requester: person } = order;
    await sayInGroup(cloud, { platform, chat, person, text });
    const requestId = await promise;
    const answer = groupMessages(cloud).findLast((message) => message.platform === platform)?.text ?? '';
    for (const line of answer.split('\n')) say(`${chat}  approval-loop: ${line}`);
    const instanceId = parseRequestId(requestId ?? '')?.instanceId;
    if (instanceId === undefined) throw new Error(`the robot started no approval: ${answer}`);
    return instanceId;
  } finally {
    stop();
  }
}

/** Resolves once the question is answered, with the request that the answer is about. */
function awaitAnswer({ activity }: Cloud, signal: AbortSignal) {
  let stop = () => {};
  const promise = new Promise<string | undefined>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    let requestId: string | undefined;
    stop = activity.watch(({ message, fields }) => {
      if (message === 'approval started') requestId = String(fields['request_id']);
      if (message === 'question answered' || message === 'question not answered') resolve(requestId);
    });
  });
  return { promise, stop: () => stop() };
}

/** `入职 工号=E123 角色=devops` */
function wordsOf({ workflows }: Workflows, { workflow, platform, values }: ApprovalOrder): string {
  const { words, parameters = {} } = workflows[workflow] ?? {};
  const pairs = Object.entries(parameters).flatMap(([name, parameter]) => {
    const value = values[fieldOf(parameter, platform) ?? ''] ?? '';
    const quoted = /\s/u.test(value) ? `"${value}"` : value;
    return value === '' ? [] : [`${parameter.aliases?.[0] ?? name}=${quoted}`];
  });
  return [words?.[0] ?? '', ...pairs].join(' ');
}
