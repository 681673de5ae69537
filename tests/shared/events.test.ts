import {
  EVENT_SOURCES,
  eventIdOf,
  type OwnEvent,
  PRESS_KINDS,
  parseTrigger,
  provisionCompletedSchema,
  provisionRequestSchema,
} from '../../shared/events.ts';
import { FACTS, REQUEST_ID } from './request/facts.ts';

const PROBE_EVENT = { type: 'Probe', source: 'approval-loop.doctor', data: { probe_id: 'a'.repeat(32) } };
const { request } = FACTS.accepted;

describe('what a function was invoked with', () => {
  const completed = {
    id: 'e-1',
    source: 'acs.ecs',
    type: 'ecs:CloudAssistant:TaskCompleted',
    data: { commandId: 'c-1', exitCode: '0', instanceId: 'i-1', invocationStatus: 'Success', invokeId: 't-1' },
  };
  const own = { id: 'e-1', source: 'dingtalk.approval', specversion: '1.0', type: 'ProvisionRequest', data: request };

  test.each([
    ['ProvisionRequest, as sent', own, { kind: 'request', requestId: REQUEST_ID }],
    [
      'ProvisionStarted with data that nobody knows',
      { type: 'ProvisionStarted', data: { request_id: 'lark.a', 新: 1 } },
      { kind: 'request', requestId: 'lark.a' },
    ],
    [
      'ProvisionRefused',
      { type: 'ProvisionRefused', data: { request_id: 'lark.a' } },
      { kind: 'request', requestId: 'lark.a' },
    ],
    ['TaskCompleted', completed, { kind: 'invocation', invokeId: 't-1' }],
    ['a timer', { triggerTime: '2026-09-01T02:00:00Z', triggerName: 'sweep', payload: 'sweep' }, { kind: 'timer' }],
    ['a probe', PROBE_EVENT, { kind: 'probe', probeId: 'a'.repeat(32) }],
    ['a probe of somebody else', { ...PROBE_EVENT, source: 'my.app' }, { kind: 'unknown' }],
    ['a probe whose id could be a path', { ...PROBE_EVENT, data: { probe_id: '../records/a' } }, { kind: 'unknown' }],
    ['TaskCompleted of somebody else', { ...completed, source: 'my.app' }, { kind: 'unknown' }],
    ['TaskCompleted without an invocation', { ...completed, data: { commandId: 'c-1' } }, { kind: 'unknown' }],
    [
      'ProvisionCompleted, which no function of ours takes',
      { ...own, type: 'ProvisionCompleted' },
      { kind: 'unknown' },
    ],
    ['a request id that is a path', { ...own, data: { request_id: 'dingtalk.../x' } }, { kind: 'unknown' }],
    ['a request id that is a list', { ...own, data: { request_id: [REQUEST_ID] } }, { kind: 'unknown' }],
    ['no data', { type: 'ProvisionRequest' }, { kind: 'unknown' }],
    ['half a timer', { triggerName: 'sweep' }, { kind: 'unknown' }],
    ['a list', [own], { kind: 'unknown' }],
    ['null', null, { kind: 'unknown' }],
  ])('%s', (_, event, trigger) => {
    expect(parseTrigger(Buffer.from(JSON.stringify(event)))).toEqual(trigger);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('sweep')],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0xfe])],
  ])('%s is unknown', (_, payload) => {
    expect(parseTrigger(payload)).toEqual({ kind: 'unknown' });
  });
});

describe('the id of an event', () => {
  const refused = (request_id: string): OwnEvent => ({
    type: 'ProvisionRefused',
    source: 'approval-loop.ingest',
    data: { request_id, code: 'missing_field' },
  });

  test('is the same whenever the event is published again, whoever does it', () => {
    const data = { request_id: 'lark.a', code: 'missing_field' };
    const again: OwnEvent = { type: 'ProvisionRefused', source: 'approval-loop.dispatch', data };
    expect(eventIdOf(again)).toBe(eventIdOf(refused('lark.a')));
  });

  test('is another for each button of one message', () => {
    const by = { id: 'wangwu', name: '王五 🙂' };
    const ids = PRESS_KINDS.map((what) =>
      eventIdOf({ type: 'ProvisionPressed', source: 'approval-loop.ingest', data: { request_id: 'lark.a', what, by } }),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test('is another for another request or another type', () => {
    const started = { request_id: 'lark.a', invoke_id: 't-1', command: 'c', instances: ['i-1'] };
    const ids = [
      eventIdOf(refused('lark.a')),
      eventIdOf(refused('lark.b')),
      eventIdOf({ type: 'ProvisionStarted', source: 'approval-loop.dispatch', data: started }),
    ];
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[0-9a-f]{40}$/.test(id))).toBe(true);
  });
});

describe('the contract', () => {
  test('takes a request with Chinese texts as it is', () => {
    expect(provisionRequestSchema.parse(request)).toEqual(request);
  });

  test.each([
    ['an unknown key', { ...request, extra: 1 }],
    ['another action', { ...request, action: 'destroy' }],
    ['another platform', { ...request, platform: 'slack' }],
    ['a request id with a slash', { ...request, request_id: 'dingtalk.a/b' }],
    ['a parameter that is no text', { ...request, parameters: { emp_id: 1 } }],
    ['no approvers', { ...request, approvers: undefined }],
  ])('refuses a request with %s', (_, data) => {
    expect(provisionRequestSchema.safeParse(data).success).toBe(false);
  });

  test('keeps the audit summary of one instance at 2 KB of output', () => {
    const summary = (output_tail: string) => ({
      request_id: REQUEST_ID,
      workflow: 'onboarding',
      status: 'Failed',
      approvers: [],
      parameters: {},
      instances: [{ instance_id: 'i-1', status: 'Failed', exit_code: null, output_sha256: '', output_tail }],
      last_record_sha256: '',
    });
    expect(provisionCompletedSchema.safeParse(summary('x'.repeat(2048))).success).toBe(true);
    expect(provisionCompletedSchema.safeParse(summary('x'.repeat(2049))).success).toBe(false);
  });

  test('has a source for every event of ours', () => {
    expect([...EVENT_SOURCES].sort()).toEqual([
      'approval-loop.dispatch',
      'approval-loop.doctor',
      'approval-loop.ingest',
      'approval-loop.notify',
      'dingtalk.approval',
      'lark.approval',
    ]);
  });
});
