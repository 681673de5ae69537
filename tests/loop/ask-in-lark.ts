import { z } from 'zod';
import type { Loop } from './start-loop.ts';

interface Exchange {
  /** The id of the message. */
  question: string;
  answer: string;
}

const textSchema = z.object({ text: z.string() });

/** Somebody mentions the bot in the group and writes this; what it answers is a reply to the question. */
export async function askInLark({ cloud }: Loop, text: string, person = 'zhangsan'): Promise<Exchange> {
  const { lark, workflows, activity } = cloud;
  const question = lark.sayToBot(person, workflows.chats['it-ops']?.lark?.chat_id ?? '', text);
  const reply = () => lark.messages().find(({ parent_id, msg_type }) => parent_id === question && msg_type === 'text');
  await new Promise<void>((done) => {
    const stop = activity.watch(() => {
      if (!reply()) return;
      setImmediate(() => stop());
      done();
    }, 0);
  });
  return { question, answer: textSchema.parse(JSON.parse(reply()?.content ?? '')).text };
}
