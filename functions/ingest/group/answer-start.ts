import { PermanentError } from '../../../shared/errors.ts';
import { idempotencyKey, requestIdOf } from '../../../shared/ids.ts';
import type { KeptQuestion } from '../../../shared/journal/questions.ts';
import { fill } from '../../../shared/message/fill.ts';
import { STATE_TEXTS } from '../../../shared/message/state-texts.ts';
import type { Desk, NewApproval } from '../../../shared/platforms/desk.ts';
import { templateOf } from '../../../shared/workflows/lookups.ts';
import { fillInForm } from './fill-in-form.ts';
import { type Group, type GroupOptions, quoted } from './group-options.ts';
import type { Command } from './read-command.ts';
import { ANSWERS } from './texts.ts';

/** Checks what was written, starts the approval that it asks for, and says so. */
export async function answerStart(
  { offer, written }: Command & { kind: 'start' },
  asked: { id: string; question: KeptQuestion; group: Group; desk: Desk },
  options: GroupOptions,
): Promise<string> {
  const { id, question, group, desk } = asked;
  const texts = ANSWERS[group.language];
  const title = offer.workflow.title;
  const form = fillInForm(offer.workflow, question.platform, written);
  if ('refusal' in form) {
    const { refusals } = STATE_TEXTS[group.language];
    const { code, values } = form.refusal;
    const safe = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, quoted(value, 512)]));
    return fill(refusals[code] ?? refusals.other, { code, ...safe });
  }
  const code = templateOf(offer.workflow, question.platform) ?? '';
  const approval = { code, requester: question.sender, fields: form.fields, key: idempotencyKey(id, 'start') };
  try {
    const instanceId = await startOnce(approval, asked, options);
    return fill(texts.started, { title, id: instanceId, link: desk.approvalLink(instanceId) });
  } catch (error) {
    if (error instanceof PermanentError) return fill(texts.notStarted, { title, code: error.code });
    throw error;
  }
}

/** Once for each question, whoever comes to it how often. */
async function startOnce(
  approval: NewApproval,
  { id, question, group, desk }: { id: string; question: KeptQuestion; group: Group; desk: Desk },
  { questions, origins, clock, log }: GroupOptions,
): Promise<string> {
  const origin = { chat: group.chat ?? '', message_id: question.message_id };
  const known = await questions.read(id, 'started');
  const instanceId = known?.instance_id ?? (await start());
  await origins.put(requestIdOf(question.platform, instanceId), origin);
  await questions.note(id, 'started', { at: clock.now(), instance_id: instanceId });
  log.info('approval started', { request_id: requestIdOf(question.platform, instanceId), chat: origin.chat });
  return instanceId;

  async function start(): Promise<string> {
    const isFirst = (await questions.note(id, 'starting', { at: clock.now() })) === 'created';
    const isTaken = async (other: string) => {
      const known = await origins.get(requestIdOf(question.platform, other));
      return known !== undefined && known.message_id !== question.message_id;
    };
    // The platform's clock may be a little behind ours.
    const retry = isFirst ? {} : { retry: { since: question.received_at - 60_000, isTaken } };
    return desk.start({ ...approval, ...retry });
  }
}
