import { idempotencyKey } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { markTold, readNotice } from '../../shared/journal/notices.ts';
import { oneLine } from '../../shared/message/neutralise.ts';
import { fill, TEXTS } from '../../shared/message/texts.ts';
import { findByName } from '../../shared/platforms/platform.ts';
import { findFact } from '../../shared/request/records.ts';
import type { AnnounceOptions } from './announce.ts';

const MAX_BYTES = 256;

/** Says once that a request waits for another one. A courtesy: whatever fails, the request goes on. */
export async function tellNotice(chain: Chain, options: AnnounceOptions): Promise<void> {
  const { work, slots, log } = options;
  const request = findFact(chain.facts, 'accepted')?.request;
  const workflow = request && options.workflows.workflows[request.workflow];
  const chat = request && workflow?.chat[request.platform];
  if (!request || !workflow || chat === undefined) return;
  const notice = await readNotice(work, chain.requestId);
  const messenger = findByName(options.messengers, request.platform);
  const send = notice && messenger.channel(chat);
  if (!notice || !send) return;
  // The last messages of the month are for how requests end.
  if ((await options.usage.level(request.platform, 'webhook')) !== 'plenty') return;
  await slots.take(`${request.platform}.${chat}`, 'progress');
  const foreign = (text: string) => messenger.escape(oneLine(text, MAX_BYTES));
  const subject = foreign(Object.values(request.parameters)[0] ?? '');
  const text = fill(TEXTS[workflow.language].waiting, { title: foreign(workflow.title), subject, other: notice.for });
  await send({ title: text, text, idempotencyKey: idempotencyKey(chain.requestId, notice.kind) });
  await markTold(work, chain.requestId, notice);
  log.info('notice told', { request_id: chain.requestId, chat, notice: notice.kind });
}
