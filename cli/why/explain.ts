import { isInstanceId, isRequestId, originalOf, parseRequestId, requestIdOf } from '../../shared/ids.ts';
import type { LogEntry } from '../../shared/log.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import type { Access } from '../inspect/access.ts';
import { searchPlatform } from '../inspect/ask-platform.ts';
import { familyOf, findRequests } from '../inspect/find-requests.ts';
import { inspectRequest } from '../inspect/inspect-request.ts';
import { asCallback } from './as-callback.ts';
import { diagnose } from './diagnose.ts';
import { diagnoseUnknown } from './diagnose-unknown.ts';
import type { Diagnosis, Explanation } from './explanation.ts';
import { hopsOf } from './hops.ts';

/** More than these nobody reads. */
const MAX_EXPLAINED = 20;

/** Everything that a text may be about, explained: requests here, or else approvals on the platforms. */
export async function explain(
  access: Access,
  query: string,
  activity: readonly LogEntry[],
  language: Language,
): Promise<Explanation[]> {
  const log = activity.map(asCallback);
  const known = await findRequests(access, query);
  if (known.length > 0) {
    // An attempt that is named is meant alone; anything else is about all that came of the approval.
    const exact = known.includes(query) && originalOf(query) !== query;
    const families = exact ? [known] : await Promise.all(known.map((id) => familyOf(access, id)));
    const ids = [...new Set([...known, ...families.flat()])].slice(0, MAX_EXPLAINED);
    const explained = await Promise.all(ids.map((id) => explainKnown(access, id, log, language)));
    return explained.sort((a, b) => (a.received_at ?? '').localeCompare(b.received_at ?? ''));
  }
  if (isRequestId(query)) return [await explainUnknown(access, query, log, language)];
  if (isInstanceId(query)) {
    const found = await searchOrNothing(access, query);
    const ids = found.length > 0 ? found : access.sources.map(({ name }) => requestIdOf(name, query));
    const all = await Promise.all(ids.map((id) => explainFound(access, id, log, language)));
    // A number or an employee id is no instance id, however much it looks like one.
    return all.filter(({ diagnosis }) => found.length > 0 || diagnosis.code !== 'unreadable');
  }
  const found = await searchOrNothing(access, query);
  return Promise.all(found.map((id) => explainFound(access, id, log, language)));
}

async function searchOrNothing(access: Access, query: string): Promise<string[]> {
  const found = await searchPlatform(access, query).catch(() => []);
  return found.map(({ platform, instanceId }) => requestIdOf(platform, instanceId)).slice(0, MAX_EXPLAINED);
}

/** What the platform found by its form may be known here all the same: a guard refuses before the form is read. */
async function explainFound(
  access: Access,
  requestId: string,
  log: readonly LogEntry[],
  language: Language,
): Promise<Explanation> {
  const [known] = await findRequests(access, requestId);
  return known === undefined
    ? explainUnknown(access, requestId, log, language)
    : explainKnown(access, requestId, log, language);
}

async function explainKnown(
  access: Access,
  requestId: string,
  log: readonly LogEntry[],
  language: Language,
): Promise<Explanation> {
  const found = await inspectRequest(access, requestId);
  const { summary, records, leases, next_try, run } = found;
  // Callbacks are about the approval, which is the first attempt's business.
  const instanceId = originalOf(requestId) === requestId ? parseRequestId(requestId)?.instanceId : undefined;
  return {
    request_id: requestId,
    workflow: summary.workflow,
    subject: summary.subject,
    received_at: summary.received_at,
    diagnosis: diagnose(found, access.clock.now(), language),
    hops: hopsOf({ requestId, instanceId, invokeId: run?.invokeId, records, log }, language),
    next_try,
    leases,
    attempts: found.attempts.map(({ request_id, state, end }) => ({ request_id, state, end })),
  };
}

async function explainUnknown(
  access: Access,
  requestId: string,
  log: readonly LogEntry[],
  language: Language,
): Promise<Explanation> {
  const { platform = 'dingtalk', instanceId = '' } = parseRequestId(requestId) ?? {};
  const original = originalOf(requestId);
  const noAttempt: Diagnosis = { code: 'no_attempt', values: { original } };
  const found =
    original === requestId
      ? await diagnoseUnknown(access, platform, instanceId, log)
      : { diagnosis: noAttempt, workflow: '', subject: '' };
  const hops = hopsOf({ requestId, instanceId, invokeId: undefined, records: [], log }, language);
  return { request_id: requestId, received_at: null, ...found, hops, next_try: null, leases: [], attempts: [] };
}
