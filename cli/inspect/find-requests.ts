import {
  isInstanceId,
  isRequestId,
  originalOf,
  PLATFORM_NAMES,
  parseRequestId,
  requestIdOf,
} from '../../shared/ids.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import { isParked } from '../../shared/request/park.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import { UsageError } from '../io.ts';
import type { Access } from './access.ts';
import { inParallel, listAccepted } from './summary.ts';
import { foreign } from './terminal.ts';

/**
 * Requests that somebody may mean: by request id, by the id of the approval instance, by its business number, by the
 * value of a parameter such as an employee id, or by who asked. Only what is known here is found.
 */
export async function findRequests(access: Access, query: string): Promise<string[]> {
  const named = [
    ...(isRequestId(query) ? [query] : []),
    ...(isInstanceId(query) ? PLATFORM_NAMES.map((name) => requestIdOf(name, query)) : []),
  ];
  for (const id of named) if (await isKnown(access, id)) return [id];
  if (isRequestId(query)) return [];
  const ids = await listAccepted(access);
  const found = await inParallel(ids, async (id) => {
    const { facts } = await access.journal.read(id).catch(() => ({ facts: [] }));
    return isAbout(facts, query) ? [id] : [];
  });
  return found.flat();
}

async function isKnown({ records, markers, work }: Access, id: string): Promise<boolean> {
  if (await markers.get(id).catch(() => true)) return true;
  if (await records.get(recordKey(id, 1))) return true;
  if ((await records.list(`records/${id}/`, { limit: 1 })).length > 0) return true;
  return isParked(work, id);
}

function isAbout(facts: readonly Fact[], query: string): boolean {
  const accepted = findFact(facts, 'accepted')?.request;
  const refused = findFact(facts, 'refused');
  const { approval, requester } = accepted ?? refused ?? {};
  return (
    approval?.number === query ||
    requester?.id === query ||
    Object.values(accepted?.parameters ?? {}).includes(query) ||
    Object.entries(refused?.refusal.values ?? {}).some(([name, value]) => name === 'value' && value === query)
  );
}

/** The one request that is meant; a UsageError names several, and says what to try where there is none. */
export async function findOne(access: Access, query: string): Promise<string> {
  const found = await findRequests(access, query);
  const [id] = found;
  const shown = foreign(query, 80);
  if (id === undefined) {
    throw new UsageError(`there is no request "${shown}" here; "why" also asks the platform about it`);
  }
  if (found.length > 1) {
    throw new UsageError(`"${shown}" is about ${found.length} requests; name one of them:\n  ${found.join('\n  ')}`);
  }
  return id;
}

/** Every attempt of a request, or of its reversal, in their order: those with a record and those with a marker alone. */
export async function attemptsOf(access: Pick<Access, 'records' | 'work'>, requestId: string): Promise<string[]> {
  const family = await familyOf(access, requestId);
  const revoke = parseRequestId(requestId)?.revoke;
  return family.filter((id) => parseRequestId(id)?.revoke === revoke);
}

/** All requests of one approval: itself, its attempts, its reversal, and the attempts of that. */
export async function familyOf(
  { records, work }: Pick<Access, 'records' | 'work'>,
  requestId: string,
): Promise<string[]> {
  const original = originalOf(requestId);
  const keys = await Promise.all([
    records.list(`accepted/${original}`),
    records.list(`records/${original}`),
    work.list(`open/${original}`),
  ]);
  const ids = keys.flat().map((key) => (key.split('/')[1] ?? '').replace(/\.json$/, ''));
  return [...new Set(ids)].filter((id) => isRequestId(id) && originalOf(id) === original).sort(byAttempt);
}

function byAttempt(a: string, b: string): number {
  const [left, right] = [parseRequestId(a), parseRequestId(b)];
  return Number(left?.revoke) - Number(right?.revoke) || (left?.attempt ?? 0) - (right?.attempt ?? 0);
}
