import type { Pause, StandingPause } from '../../shared/journal/pauses.ts';
import { foreign } from './terminal.ts';

/** A pause in plain words: `onboarding is paused since 2026-11-24T10:00:00.000Z by ops: the disk is full`. */
export function describePause({ workflow, pause }: StandingPause): string {
  const what = workflow === null ? 'everything' : foreign(workflow, 64);
  return `${what} is paused since ${new Date(pause.at).toISOString()} ${because(pause)}`;
}

function because(pause: Pause): string {
  if (pause.kind === 'person') return `by ${foreign(pause.by, 128)}: ${foreign(pause.reason, 512)}`;
  return `by itself: it had ${pause.per_hour} runs within an hour, as many as limits.per_hour allows`;
}

/** A pause as `--json` prints it. */
export function pauseJson({ workflow, pause: { at, ...pause } }: StandingPause): object {
  return { workflow, since: new Date(at).toISOString(), ...pause };
}
