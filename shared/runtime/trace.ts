import { sha256Hex } from '../ids.ts';
import type { LogEntry } from '../log.ts';

const TRACE_ID_DIGITS = 32;

/**
 * The `traceparent` of a request within one invocation of a function: https://www.w3.org/TR/trace-context/#traceparent-header.
 * The trace id follows from the request's id, so that ingest, dispatch and notify write the same one without handing it
 * on; the span is the invocation's own.
 */
export function traceparentOf(requestId: string, spanId: string): string {
  return `00-${sha256Hex(`trace\n${requestId}`).slice(0, TRACE_ID_DIGITS)}-${spanId}-01`;
}

/** The entry with the trace of the request that it is about, if it is about one. */
export function withTrace(entry: LogEntry, spanId: string): LogEntry {
  const requestId = entry.fields['request_id'];
  if (typeof requestId !== 'string') return entry;
  return { ...entry, fields: { ...entry.fields, traceparent: traceparentOf(requestId, spanId) } };
}
