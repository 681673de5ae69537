import type { PressKind, ProvisionPressed } from '../events.ts';
import { parseRequestId } from '../ids.ts';
import type { Marker } from '../journal/markers.ts';
import type { Language } from '../workflows/schema.ts';
import { approvalBehind } from './approval-behind.ts';
import { attemptMarker } from './attempt-marker.ts';
import { type Fact, type FactOf, findFact } from './records.ts';

/** The last fact on the way of the request itself: presses stand beside it. */
export function lastStep(facts: readonly Fact[]): Exclude<Fact, FactOf<'pressed' | 'answered'>> | undefined {
  return facts.findLast(
    (fact): fact is Exclude<Fact, FactOf<'pressed' | 'answered'>> =>
      fact.type !== 'pressed' && fact.type !== 'answered',
  );
}

/** The press that counts: the first. */
export function findPress(facts: readonly Fact[], what: PressKind): FactOf<'pressed'> | undefined {
  return pressesOf(facts).find((press) => press.what === what);
}

/** In their order. */
export function pressesOf(facts: readonly Fact[]): FactOf<'pressed'>[] {
  return facts.filter((fact): fact is FactOf<'pressed'> => fact.type === 'pressed');
}

/** The first press of these whose wish has not been dealt with. */
export function pendingPress(facts: readonly Fact[], kinds: readonly PressKind[]): FactOf<'pressed'> | undefined {
  const isAnswered = ({ what }: FactOf<'pressed'>) =>
    facts.some((fact) => fact.type === 'answered' && fact.what === what);
  return pressesOf(facts).find((press) => kinds.includes(press.what) && !isAnswered(press));
}

/** What is asked for after the end; a stop that comes too late is moot. */
export const AFTER_THE_END: readonly PressKind[] = ['retry', 'output'];

/** The open marker by which the sweep finds a request again that was closed before the press. */
export function reopeningMarker(requestId: string, facts: readonly Fact[], now: number): Marker | undefined {
  const approval = findFact(facts, 'accepted')?.request.approval;
  const behind = approvalBehind(requestId, approval?.instance_id);
  return approval && behind && { ...behind, request_id: requestId, code: approval.code, received_at: now };
}

const REASONS: Record<Language, string> = { 'zh-CN': '按下“重试”', en: 'pressed Retry' };

/** The open marker of the attempt that a press on "retry" asks for: on the instances that failed. */
export function pressedAttempt(
  requestId: string,
  facts: readonly Fact[],
  { by }: Pick<ProvisionPressed, 'by'>,
  { language, now }: { language: Language; now: number },
): Marker | undefined {
  const approval = findFact(facts, 'accepted')?.request.approval;
  const number = (parseRequestId(requestId)?.attempt ?? 0) + 1;
  const retry = { of: requestId, by: by.name || by.id, reason: REASONS[language], failed_only: true };
  return approval && attemptMarker(requestId, number, approval, retry, now);
}
