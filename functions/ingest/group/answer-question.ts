import { errorMessage, PermanentError } from '../../../shared/errors.ts';
import { idempotencyKey } from '../../../shared/ids.ts';
import { EFFECT_LEASE_MS } from '../../../shared/journal/leases.ts';
import type { KeptQuestion } from '../../../shared/journal/questions.ts';
import { findByName } from '../../../shared/platforms/platform.ts';
import { answerHelp, answerMistake } from './answer-help.ts';
import { answerStart } from './answer-start.ts';
import { answerStatus } from './answer-status.ts';
import { type GroupOptions, groupOf } from './group-options.ts';
import { type Command, readCommand } from './read-command.ts';

/** Until then whoever asked may still be waiting; after it nobody is. */
const GIVE_UP_MS = 24 * 3_600_000;

/** Answers a question that is kept, once: resolves when the answer is out, or somebody else is at it. */
export function createAnswer(options: GroupOptions): (id: string) => Promise<void> {
  const { questions, leases, clock, log } = options;
  return async (id) => {
    const question = await questions.get(id);
    const lease = question && (await leases.take(leaseOf(id), 'answer', EFFECT_LEASE_MS));
    if (!question || !lease) return;
    try {
      if (!(await questions.read(id, 'answered'))) await answer(id, question, options);
      await questions.close(id);
    } catch (error) {
      if (clock.now() - question.received_at < GIVE_UP_MS) throw error;
      log.error('question given up', { question: id, error: errorMessage(error) });
      await questions.close(id);
    } finally {
      await lease.release();
    }
  };
}

/** Under which name the leases of a question lie. */
export const leaseOf = (id: string): string => `question-${id}`;

async function answer(id: string, question: KeptQuestion, options: GroupOptions): Promise<void> {
  const text = await textOf(id, question, options);
  if (text === undefined) options.log.warn('question not answered', { question: id, error: "the month's quota" });
  else await send(id, question, text, options);
  await options.questions.note(id, 'answered', { at: options.clock.now() });
}

async function send(id: string, question: KeptQuestion, text: string, { sources, log }: GroupOptions): Promise<void> {
  try {
    await findByName(sources, question.platform).desk.answer(question, text, idempotencyKey(id, 'answer'));
    log.info('question answered', { question: id, bytes: Buffer.byteLength(text) });
  } catch (error) {
    // The robot is not in the group any more, or may not write there: nobody is left to tell.
    if (!(error instanceof PermanentError)) throw error;
    log.error('question not answered', { question: id, error: errorMessage(error) });
  }
}

/** Undefined where the little that is left of the month's calls is kept for requests. */
async function textOf(id: string, question: KeptQuestion, options: GroupOptions): Promise<string | undefined> {
  const group = groupOf(options.workflows, question);
  const command: Command = group.offers.length === 0 ? { kind: 'help' } : readCommand(question.text, group.offers);
  if (!isRequest(command) && (await options.usage.level(question.platform, 'api')) === 'last') return undefined;
  const { desk } = findByName(options.sources, question.platform);
  switch (command.kind) {
    case 'help':
      return answerHelp(group);
    case 'mistake':
      return answerMistake(command, group);
    case 'start':
      return answerStart(command, { id, question, group, desk }, options);
    default:
      return answerStatus(command, question, group, options);
  }
}

/** Whoever asks for something hears what has become of it; who only wants to know can look at the approval. */
function isRequest(command: Command): boolean {
  return command.kind === 'start' || (command.kind === 'mistake' && command.code !== 'unknown_word');
}
