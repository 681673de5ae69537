import type { ChatMessage } from '../../local/dingtalk/chat-message.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Loop } from './start-loop.ts';

const CONVERSATION = 'cidITOPS==';

/** A workflows.yaml whose group in DingTalk is one with the app's own robot in it, where people may ask. */
export function withOwnGroup(file: Workflows): object {
  const chat = { ...file.chats['it-ops'], dingtalk: { group: { conversation: CONVERSATION } } };
  return { ...file, chats: { ...file.chats, 'it-ops': chat } };
}

/** What the robot says in that group: an answer is plain text, the message of a request has a title. */
export function saidByRobot({ cloud }: Loop): ChatMessage[] {
  return cloud.dingtalk.messages().filter(({ openConversationId }) => openConversationId === CONVERSATION);
}
export const answersIn = (loop: Loop) => saidByRobot(loop).filter(({ title }) => title === '');

/** Somebody mentions the robot in the group and writes this. */
export async function sayIn({ cloud }: Loop, text: string, person = 'zhangsan'): Promise<void> {
  const outcome = await cloud.dingtalk.sayToBot(person, CONVERSATION, text);
  if (!outcome.accepted) throw new Error(`the robot did not take it: ${outcome.reason}`);
}

/** What the robot answers to it. */
export async function askIn(loop: Loop, text: string, person?: string): Promise<string> {
  const before = answersIn(loop).length;
  await sayIn(loop, text, person);
  const next = () => answersIn(loop)[before];
  await new Promise<void>((done) => {
    const stop = loop.cloud.activity.watch(() => {
      if (!next()) return;
      setImmediate(() => stop());
      done();
    }, 0);
  });
  return next()?.text ?? '';
}

/** The approval that an answer names. */
export const instanceIn = (answer: string) => /编号 ([\w-]+)。/.exec(answer)?.[1] ?? '';
