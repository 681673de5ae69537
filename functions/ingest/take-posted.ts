import type { AlarmName } from '../../shared/alarms.ts';
import { TransientError } from '../../shared/errors.ts';
import { requestIdOf } from '../../shared/ids.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Usage } from '../../shared/journal/usage.ts';
import type { Approval, ApprovalReader } from '../../shared/platforms/platform.ts';
import { firstLookAt, seenPrefix } from './first-look.ts';
import type { IngestOptions } from './ingest-options.ts';
import type { LookUps } from './look-ups.ts';
import { hintsOf, type Posted, type PostedHint } from './posted-event.ts';
import type { TakeHint } from './take-hint.ts';

/** Whole days on both sides: it is not documented in which zone DingTalk tells a time. */
const SLACK_MS = 24 * 3_600_000;

interface TakePostedOptions extends IngestOptions {
  work: ObjectStore;
  usage: Pick<Usage, 'level'>;
  lookUps: LookUps;
  takeHint: TakeHint;
}

type Outcome =
  /** As far as today goes there is nothing more to be learnt about it. */
  | { kind: 'taken' }
  | { kind: 'ignored'; reason: string }
  /** No look-up is left for it; the hourly comparison finds it if it is genuine. */
  | { kind: 'refused'; reason: string };

/**
 * What came to an HTTP event source. Nobody has signed it, so the most that it can do is to have one approval looked up
 * with our own credentials, so many times a day. One that the platform says is granted, of a template that starts a
 * workflow, and granted since this environment is there, goes the way of every other. An approval that is known costs no
 * look-up. What may change soon is a TransientError, and Function Compute calls again.
 */
export function createTakePosted(options: TakePostedOptions): (posted: Posted, deadline: AbortSignal) => Promise<void> {
  const { log, sources, workflows } = options;
  return async (posted, deadline) => {
    for (const hint of hintsOf(posted, workflows)) {
      const about = { platform: hint.platform, event_id: posted.id };
      if ('reason' in hint) {
        log.warn('hint ignored', { ...about, reason: hint.reason });
        continue;
      }
      const source = sources.find(({ name }) => name === hint.platform);
      if (!source) {
        log.warn('hint ignored', { ...about, reason: 'the platform is not configured in this environment' });
        continue;
      }
      const request_id = requestIdOf(hint.platform, hint.instance_id);
      const outcome = await takeOne(options, source, { ...hint, eventId: posted.id }, deadline);
      if (outcome.kind === 'ignored') log.info('hint ignored', { ...about, request_id, reason: outcome.reason });
      if (outcome.kind === 'refused') await tellRefused({ ...about, request_id, reason: outcome.reason });
    }
  };

  /** The first time in a day it is an alarm; a flood must not be one of alarms. */
  async function tellRefused(fields: Record<string, string>): Promise<void> {
    if (await options.lookUps.isFirstRefusal())
      log.error('hint refused', { ...fields, alarm: 'hints_refused' satisfies AlarmName });
    else log.warn('hint refused', fields);
  }
}

async function takeOne(
  options: TakePostedOptions,
  source: ApprovalReader,
  hint: PostedHint & { eventId: string },
  deadline: AbortSignal,
): Promise<Outcome> {
  if (await isKnown(options, hint)) return { kind: 'ignored', reason: 'the approval is known' };
  const claim = await options.lookUps.claim(requestIdOf(hint.platform, hint.instance_id), hint.eventId);
  if (!claim) return { kind: 'ignored', reason: 'the approval was asked about today' };
  let isFinal = false;
  try {
    const outcome = await lookUp(options, source, hint, deadline);
    isFinal = outcome.kind !== 'refused';
    return outcome;
  } finally {
    if (!isFinal) await claim.release();
  }
}

async function isKnown(
  { markers, journal, work }: TakePostedOptions,
  { platform, instance_id, codes }: PostedHint,
): Promise<boolean> {
  const requestId = requestIdOf(platform, instance_id);
  if ((await markers.get(requestId)) || (await journal.read(requestId)).facts.length > 0) return true;
  const seen = await Promise.all(codes.map((code) => work.get(`${seenPrefix(platform, code)}/${instance_id}`)));
  return seen.some((body) => body !== undefined);
}

async function lookUp(
  options: TakePostedOptions,
  source: ApprovalReader,
  { platform, instance_id, codes }: PostedHint,
  deadline: AbortSignal,
): Promise<Outcome> {
  for (const code of codes) {
    // What is left of the month's calls is for approvals that are known.
    if ((await options.usage.level(platform, 'api')) !== 'plenty')
      return { kind: 'refused', reason: 'less than a fifth of the calls of this month is left' };
    if (!(await options.lookUps.take(requestIdOf(platform, instance_id))))
      return { kind: 'refused', reason: 'the look-ups of this day (http_source.daily_lookups) are used up' };
    const read = await source.readApproval({ instance_id, code }, deadline);
    if (read.kind === 'approval') return settle(options, source, read.approval, deadline);
    if (read.refusal.code !== 'template_mismatch')
      return { kind: 'ignored', reason: 'the platform does not give us this approval' };
  }
  return { kind: 'ignored', reason: 'no workflow starts on the template of this approval' };
}

async function settle(
  { work, clock, takeHint, log }: TakePostedOptions,
  { name: platform }: ApprovalReader,
  { instance_id, code, state, approvers }: Approval,
  deadline: AbortSignal,
): Promise<Outcome> {
  if (state === 'pending') {
    log.info('hint not decided yet', { request_id: requestIdOf(platform, instance_id) });
    throw new TransientError('approval.pending', 'the platform shows the posted approval as running');
  }
  if (state !== 'approved') return { kind: 'ignored', reason: `the approval is ${state}` };
  const since = await firstLookAt(work, platform, code);
  if (since === undefined)
    throw new TransientError('approval.no_first_look', 'approvals of its template have not been looked at yet');
  const isRecent = approvers.some(({ at }) => Date.parse(at) > since - SLACK_MS);
  if (!isRecent) return { kind: 'ignored', reason: 'nobody has agreed to it since this environment is there' };
  await takeHint({ platform, instance_id, code, sentAt: clock.now(), way: 'hint' }, deadline);
  return { kind: 'taken' };
}
