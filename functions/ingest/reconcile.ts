import type { AlarmName } from '../../shared/alarms.ts';
import { errorMessage } from '../../shared/errors.ts';
import { requestIdOf } from '../../shared/ids.ts';
import type { Leases } from '../../shared/journal/leases.ts';
import { ALL_KEYS, type ObjectStore } from '../../shared/journal/object-store.ts';
import type { Level, Usage } from '../../shared/journal/usage.ts';
import type { ApprovalHint, ApprovalSource } from '../../shared/platforms/platform.ts';
import { findWorkflow, templatesOf } from '../../shared/workflows/lookups.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import { seenPrefix } from './first-look.ts';
import { clearQuestions } from './group/clear-questions.ts';
import type { IngestOptions } from './ingest-options.ts';

export interface ReconcileOptions extends IngestOptions {
  sources: readonly ApprovalSource[];
  work: ObjectStore;
  leases: Leases;
  usage: Usage;
}

const HOUR_MS = 3600_000;
/** An approval that was begun longer ago than this is no longer looked for. */
const WINDOW_MS = 14 * 24 * HOUR_MS;
const LEASE_MS = 5 * 60_000;
/** How often the lists are read, by what is left of the month's calls. */
const EVERY_HOURS: Record<Level, number> = { plenty: 1, scarce: 6, last: 24 };

/**
 * Once an hour: what the platforms decided and no callback has told. First what they could not deliver, then the lists
 * of decided approvals against what is known, and at last what closed requests have left behind. On the first look at a
 * template all that is on its list counts as known: approvals from before this environment was there do not run.
 */
export function createReconcile(options: ReconcileOptions): () => Promise<void> {
  const done = new Map<string, number>();
  return async () => {
    const hour = Math.floor(options.clock.now() / HOUR_MS);
    for (const source of options.sources) {
      if (done.get(source.name) === hour) continue;
      try {
        await reconcileOnce(source, hour, options);
        done.set(source.name, hour);
      } catch (error) {
        options.log.warn('reconciling failed, it is tried again', {
          platform: source.name,
          error: errorMessage(error),
        });
      }
    }
  };
}

async function reconcileOnce(source: ApprovalSource, hour: number, options: ReconcileOptions): Promise<void> {
  const { work, leases, log, usage } = options;
  const prefix = `reconciled/${source.name}/`;
  const key = prefix + String(hour);
  if (await work.get(key)) return;
  const lease = await leases.take('reconcile', source.name, LEASE_MS);
  if (!lease) return;
  let recovered = 0;
  await source.takeUndelivered(async (hint) => {
    recovered += (await recover(source, hint, options)) ? 1 : 0;
  });
  // The list costs calls of the month; what is left of them is for approvals that are known.
  const level = await usage.level(source.name, 'api');
  const lists = hour % EVERY_HOURS[level] === 0;
  const templates = lists ? templatesOf(options.workflows, source.name) : [];
  for (const code of templates) recovered += await reconcileTemplate(source, code, options);
  const cleared = (await clearLeftovers(source.name, options)) + (await clearQuestions(source.name, options));
  for (const old of await work.list(prefix)) await work.delete(old);
  await work.createIfAbsent(key, Buffer.from('{}'));
  await lease.release();
  log.info('reconciled', { platform: source.name, recovered, templates: templates.length, cleared });
}

async function reconcileTemplate(source: ApprovalSource, code: string, options: ReconcileOptions): Promise<number> {
  const { work, clock } = options;
  const startedAt = clock.now();
  const decided = await source.listDecided(code, startedAt - WINDOW_MS);
  const name = seenPrefix(source.name, code);
  const prefix = `${name}/`;
  const isFirst = (await work.get(`${name}-first`)) === undefined;
  const seen = new Set((await work.list(prefix, { limit: ALL_KEYS })).map((key) => key.slice(prefix.length)));
  let recovered = 0;
  for (const id of decided.filter((candidate) => !seen.has(candidate))) {
    if (!isFirst && (await isMissing(source, { instance_id: id, code }, options)))
      recovered += (await recover(source, { instance_id: id, code }, options)) ? 1 : 0;
    await work.createIfAbsent(prefix + id, Buffer.from('{}'));
  }
  if (isFirst) await work.createIfAbsent(`${name}-first`, Buffer.from(JSON.stringify({ at: startedAt })));
  const gone = [...seen].filter((id) => !decided.includes(id));
  await Promise.all(gone.map((id) => work.delete(prefix + id)));
  return recovered;
}

/** Whether an approval that was decided is granted and unknown here. */
async function isMissing(source: ApprovalSource, hint: ApprovalHint, options: ReconcileOptions): Promise<boolean> {
  const requestId = requestIdOf(source.name, hint.instance_id);
  if ((await options.markers.get(requestId)) || (await options.journal.read(requestId)).facts.length > 0) return false;
  const read = await source.readApproval(hint);
  return read.kind === 'approval' && read.approval.state === 'approved';
}

/** Puts the open marker, from which the sweep goes on as if the callback had come. */
async function recover(source: ApprovalSource, hint: ApprovalHint, options: ReconcileOptions): Promise<boolean> {
  const { workflows, markers, journal, clock, log } = options;
  if (!findWorkflow(workflows, source.name, hint.code)) return false;
  const requestId = requestIdOf(source.name, hint.instance_id);
  if ((await journal.read(requestId)).facts.length > 0) return false;
  const put = await markers.put({ request_id: requestId, platform: source.name, ...hint, received_at: clock.now() });
  const alarm = 'callback_missed' satisfies AlarmName;
  if (put === 'created') log.warn('recovered an approval whose callback never came', { request_id: requestId, alarm });
  return put === 'created';
}
