import { createServer, type Server } from 'node:net';
import type { Transport } from '../../connector/connection.ts';
import { healthOf } from '../../connector/health.ts';
import type { TakeHint } from '../../functions/ingest/take-hint.ts';
import { approvalOf } from '../functions/world/approvals.ts';
import type { TemporaryWorld } from '../functions/world/open-temporary-world.ts';
import { agreed, approved, LARK_APP, type Platforms, STREAM_APP, startPlatforms } from './platforms.ts';
import { longConnectionTo, openWorldOfBoth, type Started, startConnector, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

let opened: TemporaryWorld & { takeHint: TakeHint };
let platforms: Platforms;
let started: Started;

beforeEach(async () => {
  // The official client for DingTalk writes to the console.
  for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
  opened = await openWorldOfBoth();
  platforms = await startPlatforms();
});
afterEach(async () => {
  await started.stop();
  await platforms.close();
  await opened.remove();
});

/** Starts a connector for these platforms and waits until it is connected. */
async function start(transports: readonly Transport[], takeHint = opened.takeHint): Promise<void> {
  started = startConnector(platforms, opened, { transports, takeHint });
  await allConnected();
}
const allConnected = () => until(() => started.connector.statuses().every(({ connected }) => connected));
const logged = (message: string) => started.entries.filter((entry) => entry.message === message);

/** How a platform is spoken to, with the words of each. */
const SIDES = {
  dingtalk: {
    to: (secret?: string) => streamTo(platforms, secret),
    emit: (id: string) => platforms.stream.emit(agreed(platforms.clock, id)),
    emitUnknown: (id: string) => platforms.stream.emit(agreed(platforms.clock, id, { processCode: 'PROC-9' })),
    gateway: () => platforms.stream,
    firstRetryMs: 10_000,
    silenceMs: 90_000,
  },
  lark: {
    to: (secret?: string) => longConnectionTo(platforms, secret),
    emit: (id: string) => platforms.long.emit(approved(platforms.clock, id)),
    emitUnknown: (id: string) => platforms.long.emit(approved(platforms.clock, id, { approval_code: 'LARK-9' })),
    gateway: () => platforms.long,
    firstRetryMs: 15_000,
    silenceMs: 150_000,
  },
};

describe.each(['dingtalk', 'lark'] as const)('a connection to %s', (name) => {
  const side = SIDES[name];

  test('takes an approval as a callback does: a marker, then a record', async () => {
    opened.world.source.put(approvalOf('a'));
    await start([side.to()]);
    expect(await side.emit('a')).toBe('taken');
    expect(await opened.functions.markers.list()).toEqual([`${name}.a`]);
    expect(await opened.types(`${name}.a`)).toEqual(['accepted']);
    expect(opened.world.events.map(({ type }) => type)).toEqual(['ProvisionRequest']);
  });

  test('acknowledges nothing before the marker is durable, and nothing after 2.5 seconds', async () => {
    opened.world.source.put(approvalOf('a'));
    let isSlow = true;
    const slow: TakeHint = (hint, deadline) =>
      isSlow ? new Promise(() => undefined) : opened.takeHint(hint, deadline);
    await start([side.to()], slow);
    const ended = side.emit('a');
    await until(() => platforms.clock.alarms().includes(2_500));
    isSlow = false;
    platforms.clock.advance(2_500);
    await until(() => platforms.clock.alarms().includes(side.firstRetryMs));
    expect(started.connector.statuses()).toMatchObject([{ events: 1, done: 0, later: 1 }]);
    platforms.clock.advance(side.firstRetryMs);
    expect(await ended).toBe('taken');
    expect(await opened.types(`${name}.a`)).toEqual(['accepted']);
  });

  test('waits one second for the accept step, and then leaves it to the sweep', async () => {
    opened.world.source.put(approvalOf('a'));
    const read = opened.world.source.readApproval;
    let asked = false;
    const { functions } = opened;
    const { createTakeHint } = await import('../../functions/ingest/take-hint.ts');
    const accept = async () => {
      asked = true;
      await new Promise(() => undefined);
      return read({ instance_id: 'a', code: 'PROC-1' });
    };
    await start([side.to()], createTakeHint({ ...functions, accept }));
    const ended = side.emit('a');
    await until(() => asked);
    platforms.clock.advance(1_000);
    expect(await ended).toBe('taken');
    expect(await opened.functions.markers.list()).toEqual([`${name}.a`]);
    expect(await opened.types(`${name}.a`)).toEqual([]);
  });

  test('does not take an event whose marker cannot be stored, and lives on', async () => {
    opened.world.source.put(approvalOf('a'));
    let isBroken = true;
    await start([side.to()], (hint, deadline) => {
      if (isBroken) throw new Error('the store is not there');
      return opened.takeHint(hint, deadline);
    });
    const ended = side.emit('a');
    await until(() => platforms.clock.alarms().includes(side.firstRetryMs));
    isBroken = false;
    platforms.clock.advance(side.firstRetryMs);
    expect(await ended).toBe('taken');
  });

  test('leaves a template that no workflow starts on to other processes of the app', async () => {
    await start([side.to()]);
    const ended = side.emitUnknown('a');
    await until(() => platforms.clock.alarms().includes(side.firstRetryMs));
    expect(started.connector.statuses()).toMatchObject([{ done: 0, later: 1 }]);
    expect(await opened.functions.markers.list()).toEqual([]);
    await side.gateway().close();
    expect(await ended).toBe('failed');
  });

  test('opens another one when the server closes, with one call of the gateway', async () => {
    opened.world.source.put(approvalOf('a'));
    await start([side.to()]);
    for (const connection of side.gateway().connections()) connection.cut();
    await until(() => !started.connector.statuses().every(({ connected }) => connected));
    expect(healthOf(started.connector.statuses()).status).toBe(503);
    await until(() => logged('connection ended').length === 1 && platforms.clock.alarms().includes(1_500));
    platforms.clock.advance(1_500);
    await allConnected();
    expect(healthOf(started.connector.statuses()).status).toBe(200);
    expect(side.gateway().asked()).toBe(2);
    expect(await side.emit('a')).toBe('taken');
  });

  test('replaces one that nothing comes on any more', async () => {
    opened.world.source.put(approvalOf('a'));
    await start([side.to()]);
    const [dead] = side.gateway().connections();
    dead?.freeze();
    platforms.clock.advance(side.silenceMs);
    await until(() => logged('connection ended').length === 1);
    expect(logged('connection ended')[0]?.fields['reason']).toBe(`no frame for ${side.silenceMs / 1000} s`);
    await until(() => platforms.clock.alarms().includes(500));
    platforms.clock.advance(500);
    await allConnected();
    await until(() => side.gateway().connections().length === 1);
    expect(side.gateway().connections()).not.toContain(dead);
    expect(await side.emit('a')).toBe('taken');
  });

  test('asks the gateway once for each of 50 connections that break', async () => {
    await start([side.to()]);
    for (let broken = 1; broken <= 50; broken += 1) {
      for (const connection of side.gateway().connections()) connection.cut();
      await until(() => logged('connection ended').length === broken);
      await until(() => platforms.clock.alarms().some((ms) => ms > 0 && ms <= 60_000 && ms !== 30_000));
      platforms.clock.advance(60_000);
      await until(() => started.connector.statuses()[0]?.connects === broken + 1);
    }
    expect(side.gateway().asked()).toBe(51);
    expect(side.gateway().connections()).toHaveLength(1);
  });

  test('with wrong credentials is not there, tries less and less often, and tells no secret', async () => {
    started = startConnector(platforms, opened, {
      transports: [side.to('a-wrong-secret')],
      takeHint: opened.takeHint,
    });
    for (const [index, wait] of [1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000].entries()) {
      await until(() => logged('no connection').length === index + 1 && platforms.clock.alarms().includes(wait));
      platforms.clock.advance(wait);
    }
    await until(() => logged('no connection').length === 8);
    expect(side.gateway().asked()).toBe(8);
    const [status] = started.connector.statuses();
    expect(status).toMatchObject({ connected: false, connects: 0, attempts: 8 });
    expect(status?.lastFault).toMatch(/gave no connection/);
    expect(started.text()).not.toContain('a-wrong-secret');
  });

  test('is given up after ten seconds in which the server says nothing', async () => {
    const sockets: unknown[] = [];
    const mute = await listen((socket) => void sockets.push(socket));
    const { port } = addressOf(mute);
    const origin = `http://127.0.0.1:${port}`;
    const transport = name === 'dingtalk' ? streamTo({ origin }) : longConnectionTo({ origin });
    started = startConnector(platforms, opened, { transports: [transport], takeHint: opened.takeHint });
    await until(() => sockets.length === 1);
    platforms.clock.advance(10_000);
    await until(() => logged('no connection').length === 1);
    expect(logged('no connection')[0]?.fields['reason']).toBe('no connection within 10000 ms');
    mute.close();
  });

  test('answers what is in hand before it goes, and takes nothing more', async () => {
    opened.world.source.put(approvalOf('a'), approvalOf('b'));
    let release = () => undefined as void;
    let held = false;
    await start([side.to()], async (hint, deadline) => {
      held = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return opened.takeHint(hint, deadline);
    });
    const ended = side.emit('a');
    await until(() => held);
    const stopped = started.stop();
    const refused = side.emit('b');
    await until(() => started.connector.statuses()[0]?.later === 1);
    release();
    await stopped;
    expect(await ended).toBe('taken');
    expect(await opened.types(`${name}.a`)).toEqual(['accepted']);
    await until(() => side.gateway().connections().length === 0);
    await side.gateway().close();
    expect(await refused).toBe('failed');
  });
});

const listen = (onSocket: (socket: unknown) => void) =>
  new Promise<Server>((resolve) => {
    const server = createServer((socket) => {
      server.once('close', () => socket.destroy());
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

function addressOf(server: Server): { port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

test('the same approval by callback and by connection at once is one request', async () => {
  opened.world.source.put(approvalOf('a'));
  await start([streamTo(platforms)]);
  await Promise.all([platforms.stream.emit(agreed(platforms.clock, 'a')), opened.functions.callback('a')]);
  expect(await opened.functions.markers.list()).toEqual(['dingtalk.a']);
  expect(await opened.types('dingtalk.a')).toEqual(['accepted']);
});

test('both platforms are held at once, and one that is down does not disturb the other', async () => {
  opened.world.source.put(approvalOf('a'), approvalOf('b'));
  await start([streamTo(platforms), longConnectionTo(platforms)]);
  expect(await Promise.all([SIDES.dingtalk.emit('a'), SIDES.lark.emit('b')])).toEqual(['taken', 'taken']);
  expect(await opened.functions.markers.list()).toEqual(['dingtalk.a', 'lark.b']);
  for (const connection of platforms.stream.connections()) connection.cut();
  await until(() => started.connector.statuses()[0]?.connected === false);
  expect(healthOf(started.connector.statuses())).toMatchObject({ status: 503 });
  expect(await SIDES.lark.emit('a')).toBe('taken');
});

test('DingTalk asks to leave: the next connection is opened at once', async () => {
  await start([streamTo(platforms)]);
  platforms.clock.advance(60_000);
  for (const connection of platforms.stream.connections()) connection.leave('connection is expired');
  await until(() => logged('connection ended').length === 1 && platforms.clock.alarms().includes(500));
  expect(logged('connection ended')[0]?.fields['reason']).toBe('the server asks for another connection');
  platforms.clock.advance(500);
  await until(() => started.connector.statuses()[0]?.connects === 2);
});

test.each<[string, string]>([
  ['not JSON', '<html>'],
  ['a list', '[]'],
  ['a frame without headers', '{"type":"EVENT","data":"{}"}'],
  ['an event without an id', '{"type":"EVENT","headers":{"eventType":"x"},"data":"{}"}'],
  ['a system frame without a topic', '{"type":"SYSTEM","headers":{}}'],
  ['a callback that nobody asked for', '{"type":"CALLBACK","headers":{"topic":"/v1.0/im/bot/messages/get"}}'],
  ['the month is used up', '{"errorCode":20001}'],
])('a frame of DingTalk that is %s does no harm', async (_, text) => {
  opened.world.source.put(approvalOf('a'));
  await start([streamTo(platforms)]);
  for (const connection of platforms.stream.connections()) connection.sendText(text);
  expect(await SIDES.dingtalk.emit('a')).toBe('taken');
  expect(started.connector.statuses()).toMatchObject([{ connects: 1, done: 1 }]);
});

test('bytes of Lark that are no frame do no harm', async () => {
  opened.world.source.put(approvalOf('a'));
  await start([longConnectionTo(platforms)]);
  for (const connection of platforms.long.connections()) connection.sendBytes(Buffer.from('not a frame'));
  expect(await SIDES.lark.emit('a')).toBe('taken');
});

test('an event of a kind that is not ours is not swallowed', async () => {
  await start([streamTo(platforms), longConnectionTo(platforms)]);
  const header = { event_id: 'e', event_type: 'im.message.receive_v1', create_time: '1', token: '' };
  const other = { eventType: 'user_add_org', eventId: 'e', eventBornTime: platforms.clock.now(), data: {} };
  const ended = [platforms.stream.emit(other), platforms.long.emit({ schema: '2.0', header, event: {} })];
  await until(() => logged('event left to others').length === 2);
  expect(started.connector.statuses()).toMatchObject([{ later: 1 }, { later: 1 }]);
  await Promise.all([platforms.stream.close(), platforms.long.close()]);
  expect(await Promise.all(ended)).toEqual(['failed', 'failed']);
});

test('another event of a known template is done with', async () => {
  await start([longConnectionTo(platforms)]);
  expect(await platforms.long.emit(approved(platforms.clock, 'a', { status: 'PENDING' }))).toBe('taken');
  expect(await opened.functions.markers.list()).toEqual([]);
});

test('no log line holds a secret, a ticket or a field of a form', async () => {
  opened.world.source.put(approvalOf('a', { employee: 'E777' }));
  await start([streamTo(platforms), longConnectionTo(platforms)]);
  await Promise.all([SIDES.dingtalk.emit('a'), SIDES.lark.emit('a')]);
  for (const word of [STREAM_APP.appSecret, LARK_APP.app_secret, 'ticket', 'access_key', 'E777'])
    expect(started.text()).not.toContain(word);
});
