import type { PressKind } from '../../shared/events.ts';
import { MAX_ATTEMPTS, parseRequestId, retryIdOf } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { failedInstances } from '../../shared/request/failed-instances.ts';
import { findPress } from '../../shared/request/presses.ts';
import { findFact } from '../../shared/request/records.ts';
import type { IngestOptions } from './ingest-options.ts';
import type { PressTexts } from './press-texts.ts';

/** Why this press asks for nothing now, in words for whoever pressed; undefined if it counts. */
export async function judgePress(
  chain: Chain,
  what: PressKind,
  texts: PressTexts,
  options: Pick<IngestOptions, 'journal' | 'markers'>,
): Promise<string | undefined> {
  const { facts } = chain;
  const before = findPress(facts, what);
  if (before) return texts.already(before.by.name || before.by.id);
  if (what === 'stop') {
    if (endOf(facts) !== undefined) return texts.ended;
    return findFact(facts, 'dispatched') ? undefined : texts.notRunning;
  }
  if (!findFact(facts, 'completed')) return texts.notEnded;
  return what === 'output' ? undefined : judgeRetry(chain, texts, options);
}

/** Two attempts at once would run twice, and what has succeeded must not run again. */
async function judgeRetry(
  { requestId, facts }: Chain,
  texts: PressTexts,
  { journal, markers }: Pick<IngestOptions, 'journal' | 'markers'>,
): Promise<string | undefined> {
  const attempt = parseRequestId(requestId)?.attempt ?? 0;
  if (failedInstances([facts]).length === 0 || attempt >= MAX_ATTEMPTS) return texts.nothingFailed;
  const next = retryIdOf(requestId, attempt + 1);
  const isThere = (await markers.get(next)) !== undefined || (await journal.read(next)).facts.length > 0;
  return isThere ? texts.triedAgain(next) : undefined;
}
