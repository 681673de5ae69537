import type { TakeHint } from '../functions/ingest/take-hint.ts';
import type { Clock } from '../shared/clock.ts';
import { errorMessage } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { findWorkflow } from '../shared/workflows/lookups.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { Answer, PlatformEvent } from './connection.ts';
import { deadlineAfter, withLimit } from './limit.ts';

/** Both platforms wait 3 s; what is left is for the way. */
const ANSWER_WITHIN_MS = 2_500;
/** As for a callback: what the accept step cannot do in this time the sweep does. */
const ACCEPT_WITHIN_MS = 1_000;

/**
 * Decides what a platform hears about an event: `done` once what it says is durable, or once it is known to say nothing
 * to us. What this process does not know, another template or another kind of event, it leaves to others, because each
 * event goes to only one of the app's connections. Never rejects.
 */
export function createAnswerEvent(options: {
  workflows: Workflows;
  takeHint: TakeHint;
  clock: Clock;
  log: Log;
}): (event: PlatformEvent) => Promise<Answer> {
  const { workflows, takeHint, clock, log } = options;
  return async (event) => {
    const { platform, said, sentAt } = event;
    const about = { platform, event: event.type.slice(0, 64), event_id: event.id.slice(0, 64) };
    const code = said.kind === 'other' ? said.code : said.hint.code;
    if (code === undefined || !findWorkflow(workflows, platform, code)) {
      const reason = code === undefined ? 'no event of ours' : `no workflow starts on template ${code.slice(0, 64)}`;
      log.warn('event left to others', { ...about, reason });
      return 'later';
    }
    if (said.kind === 'other') {
      log.info('event answered', { ...about, outcome: 'ignored', reason: said.reason });
      return 'done';
    }
    const hint = { platform, ...said.hint, sentAt, way: 'event' } as const;
    const done = new AbortController();
    try {
      await withLimit({ clock, ms: ANSWER_WITHIN_MS, late: 'the marker was not durable in time' }, () =>
        takeHint(
          { ...hint, ...(said.kind === 'revoked' && { reversal: true }) },
          deadlineAfter(clock, ACCEPT_WITHIN_MS, done.signal),
        ),
      );
      return 'done';
    } catch (error) {
      log.error('event not taken, it is sent again', { ...about, error: errorMessage(error) });
      return 'later';
    } finally {
      done.abort();
    }
  };
}
