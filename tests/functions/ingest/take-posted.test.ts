import fc from 'fast-check';
import { createLookUps } from '../../../functions/ingest/look-ups.ts';
import { parsePosted } from '../../../functions/ingest/posted-event.ts';
import { createReconcile } from '../../../functions/ingest/reconcile.ts';
import { createTakePosted } from '../../../functions/ingest/take-posted.ts';
import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { isInstanceId } from '../../../shared/ids.ts';
import type { Level } from '../../../shared/journal/usage.ts';
import { FACTS } from '../../shared/request/facts.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const DAILY = 5;
const DAY_MS = 24 * 3_600_000;
const NOW = '2026-09-01T02:00Z';
const LONG_AGO = '2026-08-30T02:00Z';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld({}, { file: { http_source: { dingtalk: { instance_id: 'body.id' } } } });
});
afterEach(() => opened.remove());

let events = 0;

/** Bytes as a rule of the bus hands them over. */
function eventOf(data: unknown, changes: object = {}): Buffer {
  const envelope = {
    specversion: '1.0',
    id: `e-${++events}`,
    source: 'dingtalk.http',
    type: 'eventbridge:Events:HTTPEvent',
  };
  return Buffer.from(JSON.stringify({ ...envelope, data, ...changes }));
}

/** An instance of ingest, with so much left of the month's calls. */
function open(level: Level = 'plenty', daily = DAILY) {
  const { functions, world } = opened;
  const lookUps = createLookUps({ work: functions.work, clock: world.clock, daily });
  const takePosted = createTakePosted({ ...functions, lookUps, usage: { level: async () => level } });
  return async (event: Buffer) => {
    const posted = parsePosted(event);
    if (posted) await takePosted(posted, new AbortController().signal);
  };
}
const post = (id: unknown, take = open()) => take(eventOf({ body: { id } }));
const granted = (id: string, changes: object = {}) =>
  opened.world.source.put(approvalOf(id, { approvers: [{ id: 'lisi', name: '李四', at: NOW }], ...changes }));
const firstLook = () => createReconcile(opened.functions)();
const markers = () => opened.functions.markers.list();
const reasons = () =>
  opened.world.entries.flatMap(({ message, fields }) => (message.startsWith('hint ') ? [fields['reason']] : []));
const reads = () => opened.world.source.reads;

test('a granted approval is looked up and then goes the way of every other', async () => {
  await firstLook();
  granted('a');
  await post('a');
  expect(await markers()).toEqual(['dingtalk.a']);
  expect(await opened.types('dingtalk.a')).toEqual(['accepted']);
});

test('posted again it costs no look-up: as long as it is open, and when it is closed', async () => {
  await firstLook();
  await opened.mark('open');
  await opened.write('dingtalk.closed', FACTS.refused);
  await post('open');
  await post('closed');
  expect(reads()).toEqual([]);
  expect(reasons()).toEqual(['the approval is known', 'the approval is known']);
});

test.each([
  ['not approved', { state: 'not approved' }, 'the approval is not approved'],
  ['revoked', { state: 'revoked' }, 'the approval is revoked'],
  [
    'granted before this environment was there',
    { approvers: [{ id: 'lisi', name: '李四', at: LONG_AGO }] },
    'nobody has agreed to it since this environment is there',
  ],
  ['granted by a rule alone', { approvers: [] }, 'nobody has agreed to it since this environment is there'],
])('one that is %s is looked at once, and no record is made of it', async (_, changes, reason) => {
  await firstLook();
  granted('a', changes);
  await post('a');
  await post('a');
  expect([reads(), reasons()]).toEqual([['a'], [reason, 'the approval was asked about today']]);
  expect([await markers(), await opened.types('dingtalk.a')]).toEqual([[], []]);
});

test('one that the first look found among those from before does not run', async () => {
  granted('before');
  const source = { ...opened.world.source, listDecided: async () => ['before'] };
  await createReconcile({ ...opened.functions, sources: [source] })();
  await post('before');
  expect([reads(), await markers()]).toEqual([[], []]);
});

test.each([
  ['is not decided yet', () => granted('a', { state: 'pending' })],
  ['cannot be read at the moment', () => opened.world.source.next('a', new TransientError('dingtalk.503', '忙 🚀'))],
])('one that %s is tried again, and runs once it is granted', async (_, prepare) => {
  await firstLook();
  prepare();
  await expect(post('a')).rejects.toThrow(TransientError);
  granted('a');
  await post('a');
  expect([await markers(), reads().length]).toEqual([['dingtalk.a'], 3]);
});

test('before the first look at its template nothing is taken, and it is tried again', async () => {
  granted('a');
  await expect(post('a')).rejects.toThrow('have not been looked at yet');
  await firstLook();
  await post('a');
  expect(await markers()).toEqual(['dingtalk.a']);
});

test('where the marker cannot be stored the hint is not used up', async () => {
  await firstLook();
  granted('a');
  const { functions } = opened;
  const takeHint = () => Promise.reject(new PermanentError('oss.403', 'denied'));
  const lookUps = createLookUps({ work: functions.work, clock: opened.world.clock, daily: DAILY });
  const usage = { level: async () => 'plenty' as const };
  const failing = createTakePosted({ ...functions, lookUps, usage, takeHint });
  const posted = parsePosted(eventOf({ body: { id: 'a' } }));
  await expect(posted && failing(posted, new AbortController().signal)).rejects.toThrow('denied');
  await post('a');
  expect(await markers()).toEqual(['dingtalk.a']);
});

test('beyond the look-ups of a day hints are refused: the first one with an alarm, and the next day they are taken', async () => {
  await firstLook();
  granted('late');
  const take = open();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'late', 'g']) await post(id, take);
  expect(reads()).toEqual(['a', 'b', 'c', 'd', 'e']);
  const refusals = opened.world.entries.filter(({ message }) => message === 'hint refused');
  expect(refusals.map(({ level, fields }) => [level, fields['request_id'], fields['alarm']])).toEqual([
    ['error', 'dingtalk.late', 'hints_refused'],
    ['warn', 'dingtalk.g', undefined],
  ]);
  opened.world.clock.advance(DAY_MS);
  await post('late', take);
  expect(await markers()).toEqual(['dingtalk.late']);
});

test.each(['scarce', 'last'] as const)('with %s calls left in the month none is spent on a hint', async (level) => {
  await post('a', open(level));
  expect([reads(), reasons()]).toEqual([[], ['less than a fifth of the calls of this month is left']]);
});

test.each<[string, Buffer, readonly unknown[]]>([
  ['another event source', eventOf({ body: { id: 'a' } }, { source: 'dingtalk.approval' }), []],
  ['another type', eventOf({ body: { id: 'a' } }, { type: 'ProvisionRequest' }), []],
  ['no data', eventOf(undefined), []],
  ['data that are a list', eventOf([{ body: { id: 'a' } }]), []],
  ['an id in another place', eventOf({ id: 'a', body: { 编号: 'a' } }), ['no id of an approval at body.id']],
  ['a body that is text', eventOf({ body: '{"id":"a"}' }), ['no id of an approval at body.id']],
  ['an id that is a number', eventOf({ body: { id: 7 } }), ['no id of an approval at body.id']],
  ['an id with 中文 and an emoji', eventOf({ body: { id: '审批 🚀' } }), ['no id of an approval at body.id']],
  ['an id that is a path', eventOf({ body: { id: '../../open' } }), ['no id of an approval at body.id']],
])('%s is no hint and costs nothing', async (_, event, expected) => {
  await open()(event);
  expect([reads(), reasons(), await opened.functions.work.list('hints/')]).toEqual([[], expected, []]);
});

test('a template at a configured place is believed only as far as a workflow starts on it', async () => {
  await opened.remove();
  const dingtalk = { instance_id: 'queryString.id', code: 'body.模板' };
  opened = await openTemporaryWorld({}, { file: { http_source: { dingtalk } } });
  await firstLook();
  granted('a');
  for (const code of ['PROC-2', '没有 🚀', null])
    await open()(eventOf({ queryString: { id: 'a' }, body: { 模板: code } }));
  expect([reads(), reasons()]).toEqual([
    [],
    [
      'no workflow starts on template PROC-2',
      'no workflow starts on template 没有 🚀',
      'no code of a template at body.模板',
    ],
  ]);
  await open()(eventOf({ queryString: { id: 'a' }, body: { 模板: 'PROC-1' } }));
  expect(await markers()).toEqual(['dingtalk.a']);
});

test('a wrong template of ours costs a look-up, and cannot keep a genuine approval out', async () => {
  await opened.remove();
  const file = { http_source: { dingtalk: { instance_id: 'body.id', code: 'body.code' } } };
  const { onboarding } = opened.functions.workflows.workflows;
  const second = { ...onboarding, on: { dingtalk: { process_code: 'PROC-2' } } };
  const workflows = { onboarding, 'second-one': second };
  opened = await openTemporaryWorld({}, { file: { ...file, workflows } });
  await firstLook();
  granted('a');
  opened.world.source.next('a', {
    kind: 'refused',
    refusal: { code: 'template_mismatch', values: { code: 'PROC-2' } },
  });
  await open()(eventOf({ body: { id: 'a', code: 'PROC-2' } }));
  expect([reads(), await markers()]).toEqual([['a', 'a', 'a'], ['dingtalk.a']]);
  expect((await opened.functions.markers.get('dingtalk.a'))?.code).toBe('PROC-1');
});

test('one of no template of ours is looked at once for each template, and once a day', async () => {
  await firstLook();
  opened.world.source.next('a', { kind: 'refused', refusal: { code: 'template_mismatch', values: {} } });
  await post('a');
  await post('a');
  expect([reads(), reasons()]).toEqual([
    ['a'],
    ['no workflow starts on the template of this approval', 'the approval was asked about today'],
  ]);
});

test('whatever is posted, by however many at once: look-ups stay within the day, each id once, and nothing but granted ones is taken', async () => {
  await firstLook();
  granted('granted');
  const few = fc.constantFrom('granted', 'unknown', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', '审批🚀', '__proto__');
  const id = fc.oneof(few, fc.string({ maxLength: 80 }), fc.jsonValue());
  const body = fc.oneof(fc.record({ id }), fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(fc.array(body, { maxLength: 20 }), async (bodies) => {
      opened.world.clock.advance(DAY_MS);
      const before = reads().length;
      const takes = [open(), open()];
      await Promise.all(bodies.flatMap((posted) => takes.map((take) => take(eventOf({ body: posted })))));
      const ids = reads()
        .slice(before)
        .filter((read) => read !== 'granted');
      expect(ids.length).toBeLessThanOrEqual(DAILY);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every(isInstanceId)).toBe(true);
      expect((await markers()).filter((marker) => marker !== 'dingtalk.granted')).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
