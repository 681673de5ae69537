import { errorMessage } from '../../../shared/errors.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { headBytes } from '../../../shared/message/neutralise.ts';
import type { Question } from '../../../shared/platforms/desk.ts';
import { isAskedInGroups } from '../../../shared/workflows/lookups.ts';
import { withinTime } from '../within-time.ts';
import type { GroupOptions } from './group-options.ts';

/** Longer than any command that can be accepted. */
const MAX_TEXT_BYTES = 4_000;

/** Resolves once the question is durable and an answer was tried until `deadline`; what is left the sweep does. */
export type TakeQuestion = (platform: PlatformName, question: Question, deadline: AbortSignal) => Promise<void>;

export function createTakeQuestion(options: GroupOptions & { answer: (id: string) => Promise<void> }): TakeQuestion {
  const { workflows, questions, clock, log, answer } = options;
  return async (platform, question, deadline) => {
    if (!isAskedInGroups(workflows)) {
      log.info('question ignored', { platform, reason: 'no workflow has words to ask for it with' });
      return;
    }
    const text = headBytes(question.text, MAX_TEXT_BYTES);
    const { id, state } = await questions.put({ ...question, platform, text, received_at: clock.now() });
    log.info('question durable', { question: id, platform, state });
    if (state === 'known') return;
    await withinTime(answer(id), deadline).catch((error) =>
      log.warn('answer left to the sweep', { question: id, error: errorMessage(error) }),
    );
  };
}

/** So many in one sweep; the others wait for the next. */
const MAX_SWEPT = 50;

/** Answers what is still open, where people may ask at all. One that fails does not stop the others. */
export async function sweepQuestions({
  workflows,
  questions,
  answer,
  log,
}: Pick<GroupOptions, 'workflows' | 'questions' | 'log'> & { answer: (id: string) => Promise<void> }): Promise<void> {
  if (!isAskedInGroups(workflows)) return;
  for (const id of (await questions.list()).slice(0, MAX_SWEPT)) {
    await answer(id).catch((error) =>
      log.warn('question not answered yet', { question: id, error: errorMessage(error) }),
    );
  }
}
