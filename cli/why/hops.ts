import type { LogEntry } from '../../shared/log.ts';
import type { JournalRecord } from '../../shared/request/records.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import { describeFact } from '../inspect/describe-fact.ts';
import { foreign } from '../inspect/terminal.ts';
import { isNear } from './diagnose-unknown.ts';
import type { Hop } from './explanation.ts';
import { factName, hopName } from './texts.ts';

/** What is said of a log entry beside its name. */
const DETAILS = [
  'type',
  'result',
  'attempt',
  'outcome',
  'reason',
  'error',
  'event_type',
  'rule',
  'held_by',
  'invoke_id',
  'instance_id',
  'status',
  'chat',
  'code',
];

export interface HopSource {
  requestId: string;
  /** Of the approval, where callbacks about it count. */
  instanceId: string | undefined;
  invokeId: string | undefined;
  records: readonly JournalRecord[];
  log: readonly LogEntry[];
}

/** Everything that happened to a request in its order: its facts, and what the log has beside them. */
export function hopsOf(source: HopSource, language: Language): Hop[] {
  const facts = source.records.map(({ by, fact }) => ({
    at: fact.at,
    what: factName(fact.type, language),
    detail: [describeFact(fact), `[${foreign(by, 64)}]`].filter((text) => text !== '').join('  '),
    trouble: ['refused', 'parked'].includes(fact.type),
  }));
  const types = new Set<string>(source.records.map(({ fact }) => fact.type));
  const seen = entriesOf(source).filter(({ message }) => !types.has(message));
  const others = seen.flatMap((entry): Hop[] => {
    const name = hopName(entry.message, language);
    const trouble = entry.level === 'warn' || entry.level === 'error';
    if (name === undefined && !trouble) return [];
    return [
      { at: entry.time, what: name ?? foreign(entry.message), detail: detailOf(entry, source.instanceId), trouble },
    ];
  });
  return [...facts, ...others].sort((a, b) => a.at.localeCompare(b.at));
}

function entriesOf({ requestId, instanceId, invokeId, log }: HopSource): LogEntry[] {
  const own = ({ fields }: LogEntry) =>
    fields['type'] !== 'start' &&
    (fields['request_id'] === requestId ||
      (instanceId !== undefined && fields['request_id'] === undefined && fields['instance_id'] === instanceId) ||
      (fields['request_id'] === undefined && invokeId !== undefined && fields['invoke_id'] === invokeId));
  const failures = log.filter((entry) => entry.message === 'callback failed' && own(entry));
  const rejected = ({ message, time }: LogEntry) =>
    message === 'callback rejected' && failures.some((failure) => isNear(time, failure.time));
  return log.filter((entry) => own(entry) || rejected(entry));
}

function detailOf({ fields }: LogEntry, instanceId: string | undefined): string {
  return DETAILS.flatMap((name) => {
    const value = fields[name];
    return value === undefined || value === null || value === instanceId
      ? []
      : [`${name}=${foreign(String(value), 160)}`];
  }).join('  ');
}
