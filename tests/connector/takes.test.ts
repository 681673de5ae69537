import { healthOf } from '../../connector/health.ts';
import { createTakeHint, type TakeHint } from '../../functions/ingest/take-hint.ts';
import { approvalOf } from '../functions/world/approvals.ts';
import { useBench } from './bench.ts';
import { agreed, approved, LARK_APP, STREAM_APP } from './platforms.ts';
import { longConnectionTo, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

const bench = useBench();

describe.each(['dingtalk', 'lark'] as const)('a connection to %s', (name) => {
  const side = bench.sides[name];

  test('takes an approval as a callback does: a marker, then a record', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    await bench.start([side.to()]);
    expect(await side.emit('a')).toBe('taken');
    expect(await bench.opened.functions.markers.list()).toEqual([`${name}.a`]);
    expect(await bench.opened.types(`${name}.a`)).toEqual(['accepted']);
    expect(bench.opened.world.events.map(({ type }) => type)).toEqual(['ProvisionRequest']);
  });

  test('acknowledges nothing before the marker is durable, and nothing after 2.5 seconds', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    let isSlow = true;
    const slow: TakeHint = (hint, deadline) =>
      isSlow ? new Promise(() => undefined) : bench.opened.takeHint(hint, deadline);
    await bench.start([side.to()], slow);
    const ended = side.emit('a');
    await until(() => bench.platforms.clock.alarms().includes(2_500));
    isSlow = false;
    bench.platforms.clock.advance(2_500);
    await until(() => bench.platforms.clock.alarms().includes(side.firstRetryMs));
    expect(bench.started.connector.statuses()).toMatchObject([{ events: 1, done: 0, later: 1 }]);
    bench.platforms.clock.advance(side.firstRetryMs);
    expect(await ended).toBe('taken');
    expect(await bench.opened.types(`${name}.a`)).toEqual(['accepted']);
  });

  test('waits one second for the accept step, and then leaves it to the sweep', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    const read = bench.opened.world.source.readApproval;
    let asked = false;
    const { functions } = bench.opened;
    const accept = async () => {
      asked = true;
      await new Promise(() => undefined);
      return read({ instance_id: 'a', code: 'PROC-1' });
    };
    await bench.start([side.to()], createTakeHint({ ...functions, accept }));
    const ended = side.emit('a');
    await until(() => asked);
    bench.platforms.clock.advance(1_000);
    expect(await ended).toBe('taken');
    expect(await bench.opened.functions.markers.list()).toEqual([`${name}.a`]);
    expect(await bench.opened.types(`${name}.a`)).toEqual([]);
  });

  test('does not take an event whose marker cannot be stored, and lives on', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    let isBroken = true;
    await bench.start([side.to()], (hint, deadline) => {
      if (isBroken) throw new Error('the store is not there');
      return bench.opened.takeHint(hint, deadline);
    });
    const ended = side.emit('a');
    await until(() => bench.platforms.clock.alarms().includes(side.firstRetryMs));
    isBroken = false;
    bench.platforms.clock.advance(side.firstRetryMs);
    expect(await ended).toBe('taken');
  });

  test('leaves a template that no workflow starts on to other processes of the app', async () => {
    await bench.start([side.to()]);
    const ended = side.emitUnknown('a');
    await until(() => bench.platforms.clock.alarms().includes(side.firstRetryMs));
    expect(bench.started.connector.statuses()).toMatchObject([{ done: 0, later: 1 }]);
    expect(await bench.opened.functions.markers.list()).toEqual([]);
    await side.gateway().close();
    expect(await ended).toBe('failed');
  });
});

test('the same approval by callback and by connection at once is one request', async () => {
  bench.opened.world.source.put(approvalOf('a'));
  await bench.start([streamTo(bench.platforms)]);
  await Promise.all([
    bench.platforms.stream.emit(agreed(bench.platforms.clock, 'a')),
    bench.opened.functions.callback('a'),
  ]);
  expect(await bench.opened.functions.markers.list()).toEqual(['dingtalk.a']);
  expect(await bench.opened.types('dingtalk.a')).toEqual(['accepted']);
});

test('both platforms are held at once, and one that is down does not disturb the other', async () => {
  bench.opened.world.source.put(approvalOf('a'), approvalOf('b'));
  await bench.start([streamTo(bench.platforms), longConnectionTo(bench.platforms)]);
  expect(await Promise.all([bench.sides.dingtalk.emit('a'), bench.sides.lark.emit('b')])).toEqual(['taken', 'taken']);
  expect(await bench.opened.functions.markers.list()).toEqual(['dingtalk.a', 'lark.b']);
  for (const connection of bench.platforms.stream.connections()) connection.cut();
  await until(() => bench.started.connector.statuses()[0]?.connected === false);
  expect(healthOf(bench.started.connector.statuses())).toMatchObject({ status: 503 });
  expect(await bench.sides.lark.emit('a')).toBe('taken');
});

test('an event of a kind that is not ours is not swallowed', async () => {
  await bench.start([streamTo(bench.platforms), longConnectionTo(bench.platforms)]);
  const header = { event_id: 'e', event_type: 'im.message.receive_v1', create_time: '1', token: '' };
  const other = { eventType: 'user_add_org', eventId: 'e', eventBornTime: bench.platforms.clock.now(), data: {} };
  const ended = [bench.platforms.stream.emit(other), bench.platforms.long.emit({ schema: '2.0', header, event: {} })];
  await until(() => bench.logged('event left to others').length === 2);
  expect(bench.started.connector.statuses()).toMatchObject([{ later: 1 }, { later: 1 }]);
  await Promise.all([bench.platforms.stream.close(), bench.platforms.long.close()]);
  expect(await Promise.all(ended)).toEqual(['failed', 'failed']);
});

test('another event of a known template is done with', async () => {
  await bench.start([longConnectionTo(bench.platforms)]);
  expect(await bench.platforms.long.emit(approved(bench.platforms.clock, 'a', { status: 'PENDING' }))).toBe('taken');
  expect(await bench.opened.functions.markers.list()).toEqual([]);
});

test('no log line holds a secret, a ticket or a field of a form', async () => {
  bench.opened.world.source.put(approvalOf('a', { employee: 'E777' }));
  await bench.start([streamTo(bench.platforms), longConnectionTo(bench.platforms)]);
  await Promise.all([bench.sides.dingtalk.emit('a'), bench.sides.lark.emit('a')]);
  for (const word of [STREAM_APP.appSecret, LARK_APP.app_secret, 'ticket', 'access_key', 'E777'])
    expect(bench.started.text()).not.toContain(word);
});
