import type { LogEntry } from '../../../shared/log.ts';
import { traceparentOf, withTrace } from '../../../shared/runtime/trace.ts';

const SPAN = '00f067aa0ba902b7';
const entry = (fields: LogEntry['fields']): LogEntry => ({ time: '', level: 'info', message: 'planned', fields });

test('is the same trace for a request wherever it is written, and another span in each invocation', () => {
  expect(traceparentOf('dingtalk.a', SPAN)).toBe('00-19561d078ca87e84c8b3ac4737d2fc59-00f067aa0ba902b7-01');
  expect(traceparentOf('dingtalk.a', '1'.repeat(16))).toBe('00-19561d078ca87e84c8b3ac4737d2fc59-1111111111111111-01');
});

test.each(['dingtalk.b', 'dingtalk.a.revoke', 'dingtalk.a.retry-1', 'lark.a'])('%s has a trace of its own', (id) => {
  expect(traceparentOf(id, SPAN)).not.toContain('19561d078ca87e84c8b3ac4737d2fc59');
});

test('only an entry about a request has one', () => {
  expect(withTrace(entry({ looked_at: 3 }), SPAN).fields).toEqual({ looked_at: 3 });
  expect(withTrace(entry({ request_id: 'dingtalk.a' }), SPAN).fields).toEqual({
    request_id: 'dingtalk.a',
    traceparent: '00-19561d078ca87e84c8b3ac4737d2fc59-00f067aa0ba902b7-01',
  });
});
