import * as z from 'zod/mini';
import { PLATFORM_NAMES, type PlatformName, sha256Hex } from '../ids.ts';
import { parseJson } from '../json.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';

const text = z.string().check(z.maxLength(128));
/** What was asked in a group, as it lies in the work store until it is answered. */
export const questionSchema = z.strictObject({
  platform: z.enum(PLATFORM_NAMES),
  conversation: text,
  message_id: text,
  sender: text,
  text: z.string(),
  robot: z.optional(text),
  /** In ms since the epoch. */
  received_at: z.number(),
});
export type KeptQuestion = z.infer<typeof questionSchema>;

/** How far the answer is, each noted once: the approval may have been started, it has been, the answer is out. */
const stepSchema = z.object({ at: z.number(), instance_id: z.optional(z.string()) });
type Step = 'starting' | 'started' | 'answered';

/**
 * Questions that wait for their answer, by an id made from the message's: `questions/<id>` as long as one is open, and
 * `asked/<id>/<step>` for what has been done, which outlives it so that a message that is sent again is known.
 */
export interface Questions {
  /** Durable when this resolves. `known` is open already, or answered. */
  put(question: KeptQuestion): Promise<{ id: string; state: 'new' | 'known' }>;
  list(): Promise<string[]>;
  get(id: string): Promise<KeptQuestion | undefined>;
  /** `created` unless the step was noted before. */
  note(id: string, step: Step, about: { at: number; instance_id?: string }): Promise<'created' | 'exists'>;
  read(id: string, step: Step): Promise<z.infer<typeof stepSchema> | undefined>;
  close(id: string): Promise<void>;
  /** Forgets what was answered on this platform before `before` (ms), at most `limit` of it; gives how many. */
  forget(platform: PlatformName, before: number, limit: number): Promise<number>;
}

/** How the ids of a platform's questions begin. */
export const idsOf = (platform: PlatformName): string => `${platform}-`;

const OPEN = 'questions/';
const DONE = 'asked/';

export function createQuestions(work: ObjectStore): Questions {
  const stepKey = (id: string, step: string) => `${DONE}${id}/${step}`;
  const readAt = async (key: string) => {
    const body = await work.get(key);
    return body && stepSchema.parse(parseJson(body));
  };
  return {
    async put(question) {
      const id = `${idsOf(question.platform)}${sha256Hex(question.message_id).slice(0, 32)}`;
      if (await work.get(stepKey(id, 'answered'))) return { id, state: 'known' };
      const put = await work.createIfAbsent(OPEN + id, Buffer.from(JSON.stringify(question)));
      return { id, state: put === 'created' ? 'new' : 'known' };
    },
    list: async () => (await work.list(OPEN, { limit: ALL_KEYS })).map((key) => key.slice(OPEN.length)),
    get: async (id) => {
      const body = await work.get(OPEN + id);
      return body && questionSchema.parse(parseJson(body));
    },
    note: (id, step, about) => work.createIfAbsent(stepKey(id, step), Buffer.from(JSON.stringify(about))),
    read: (id, step) => readAt(stepKey(id, step)),
    close: (id) => work.delete(OPEN + id),
    async forget(platform, before, limit) {
      const keys = await work.list(DONE + idsOf(platform), { limit: ALL_KEYS });
      const answered = keys.filter((key) => key.endsWith('/answered')).slice(0, limit);
      const old = await Promise.all(answered.map(async (key) => ((await readAt(key))?.at ?? 0) < before));
      const ids = answered.filter((_, index) => old[index]).map((key) => key.slice(0, -'answered'.length));
      // The step that makes it known goes last.
      for (const key of keys.filter((one) => ids.some((id) => one.startsWith(id)))) {
        if (!key.endsWith('/answered')) await work.delete(key);
      }
      for (const id of ids) await work.delete(`${id}answered`);
      return ids.length;
    },
  };
}
