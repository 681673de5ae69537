import { createServer, type Server, type Socket } from 'node:net';
import { healthOf } from '../../connector/health.ts';
import { approvalOf } from '../functions/world/approvals.ts';
import { useBench } from './bench.ts';
import { longConnectionTo, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

const bench = useBench();

describe.each(['dingtalk', 'lark'] as const)('a connection to %s', (name) => {
  const side = bench.sides[name];

  test('opens another one when the server closes, with one call of the gateway', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    await bench.start([side.to()]);
    for (const connection of side.gateway().connections()) connection.cut();
    await until(() => !bench.started.connector.statuses().every(({ connected }) => connected));
    expect(healthOf(bench.started.connector.statuses()).status).toBe(503);
    await until(() => bench.logged('connection ended').length === 1 && bench.platforms.clock.alarms().includes(1_500));
    bench.platforms.clock.advance(1_500);
    await bench.allConnected();
    expect(healthOf(bench.started.connector.statuses()).status).toBe(200);
    expect(side.gateway().asked()).toBe(2);
    expect(await side.emit('a')).toBe('taken');
  });

  test('replaces one that nothing comes on any more', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    await bench.start([side.to()]);
    const [dead] = side.gateway().connections();
    dead?.freeze();
    bench.platforms.clock.advance(side.silenceMs);
    await until(() => bench.logged('connection ended').length === 1);
    expect(bench.logged('connection ended')[0]?.fields['reason']).toBe(`no frame for ${side.silenceMs / 1000} s`);
    await until(() => bench.platforms.clock.alarms().includes(500));
    bench.platforms.clock.advance(500);
    await bench.allConnected();
    await until(() => side.gateway().connections().length === 1);
    expect(side.gateway().connections()).not.toContain(dead);
    expect(await side.emit('a')).toBe('taken');
  });

  test('asks the gateway once for each of 50 connections that break', async () => {
    await bench.start([side.to()]);
    for (let broken = 1; broken <= 50; broken += 1) {
      for (const connection of side.gateway().connections()) connection.cut();
      await until(() => bench.logged('connection ended').length === broken);
      await until(() => bench.platforms.clock.alarms().some((ms) => ms > 0 && ms <= 60_000 && ms !== 30_000));
      bench.platforms.clock.advance(60_000);
      await until(() => bench.started.connector.statuses()[0]?.connects === broken + 1);
    }
    expect(side.gateway().asked()).toBe(51);
    expect(side.gateway().connections()).toHaveLength(1);
  });

  test('with wrong credentials is not there, tries less and less often, and tells no secret', async () => {
    bench.begin([side.to('a-wrong-secret')]);
    for (const [index, wait] of [1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000].entries()) {
      await until(
        () => bench.logged('no connection').length === index + 1 && bench.platforms.clock.alarms().includes(wait),
      );
      bench.platforms.clock.advance(wait);
    }
    await until(() => bench.logged('no connection').length === 8);
    expect(side.gateway().asked()).toBe(8);
    const [status] = bench.started.connector.statuses();
    expect(status).toMatchObject({ connected: false, connects: 0, attempts: 8 });
    expect(status?.lastFault).toMatch(/gave no connection/);
    expect(bench.started.text()).not.toContain('a-wrong-secret');
  });

  test('is given up after ten seconds in which the server says nothing', async () => {
    let asked = false;
    const mute = await startMute(() => {
      asked = true;
    });
    bench.begin([name === 'dingtalk' ? streamTo(mute) : longConnectionTo(mute)]);
    await until(() => asked);
    bench.platforms.clock.advance(10_000);
    await until(() => bench.logged('no connection').length === 1);
    expect(bench.logged('no connection')[0]?.fields['reason']).toBe('no connection within 10000 ms');
    mute.close();
  });

  test('answers what is in hand before it goes, and takes nothing more', async () => {
    bench.opened.world.source.put(approvalOf('a'), approvalOf('b'));
    let release: () => void = () => undefined;
    let held = false;
    await bench.start([side.to()], async (hint, deadline) => {
      held = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return bench.opened.takeHint(hint, deadline);
    });
    const ended = side.emit('a');
    await until(() => held);
    const stopped = bench.started.stop();
    const refused = side.emit('b');
    await until(() => bench.started.connector.statuses()[0]?.later === 1);
    release();
    await stopped;
    expect(await ended).toBe('taken');
    expect(await bench.opened.types(`${name}.a`)).toEqual(['accepted']);
    await until(() => side.gateway().connections().length === 0);
    await side.gateway().close();
    expect(await refused).toBe('failed');
  });
});

/** A server that takes connections and says nothing. */
async function startMute(onSocket: () => void): Promise<{ origin: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    onSocket();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { origin: `http://127.0.0.1:${addressOf(server).port}`, close };
}

function addressOf(server: Server): { port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

test('DingTalk asks to leave: the next connection is opened at once', async () => {
  await bench.start([streamTo(bench.platforms)]);
  bench.platforms.clock.advance(60_000);
  for (const connection of bench.platforms.stream.connections()) connection.leave('connection is expired');
  await until(() => bench.logged('connection ended').length === 1 && bench.platforms.clock.alarms().includes(500));
  expect(bench.logged('connection ended')[0]?.fields['reason']).toBe('the server asks for another connection');
  bench.platforms.clock.advance(500);
  await until(() => bench.started.connector.statuses()[0]?.connects === 2);
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
  bench.opened.world.source.put(approvalOf('a'));
  await bench.start([streamTo(bench.platforms)]);
  for (const connection of bench.platforms.stream.connections()) connection.sendText(text);
  expect(await bench.sides.dingtalk.emit('a')).toBe('taken');
  expect(bench.started.connector.statuses()).toMatchObject([{ connects: 1, done: 1 }]);
});

test('bytes of Lark that are no frame do no harm', async () => {
  bench.opened.world.source.put(approvalOf('a'));
  await bench.start([longConnectionTo(bench.platforms)]);
  for (const connection of bench.platforms.long.connections()) connection.sendBytes(Buffer.from('not a frame'));
  expect(await bench.sides.lark.emit('a')).toBe('taken');
});
