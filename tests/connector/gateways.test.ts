import { EventDispatcher, LoggerLevel, WSClient } from '@larksuiteoapi/node-sdk';
import { DWClient, EventAck } from 'dingtalk-stream';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { agreed, approved, LARK_APP, type Platforms, STREAM_APP, startPlatforms } from './platforms.ts';
import { until } from './step-clock.ts';

let platforms: Platforms;
afterEach(() => platforms.close());

beforeEach(() => {
  // The official client for DingTalk writes to the console.
  for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
});

const post = async (path: string, body: object): Promise<{ status: number; json: unknown }> => {
  const answer = await fetch(platforms.origin + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, json: await answer.json() };
};

describe("the official client against DingTalk's gateway", () => {
  const open = (clientSecret = STREAM_APP.appSecret) =>
    post('/v1.0/gateway/connections/open', {
      clientId: STREAM_APP.appKey,
      clientSecret,
      subscriptions: [{ type: 'EVENT', topic: '*' }],
    });

  const addressSchema = z.object({ endpoint: z.string(), ticket: z.string() });
  async function address(): Promise<string> {
    const { endpoint, ticket } = addressSchema.parse((await open()).json);
    return `${endpoint}?ticket=${ticket}`;
  }

  /** As its own README uses it, but for the address, which it has as a constant. */
  async function connect(listener: (event: { data: string }) => { status: EventAck } | undefined) {
    const client = new DWClient({ clientId: STREAM_APP.appKey, clientSecret: STREAM_APP.appSecret });
    client.config.autoReconnect = false;
    Reflect.apply(client.registerAllEventListener, client, [listener]);
    Reflect.set(client, 'dw_url', await address());
    await client._connect();
    return client;
  }

  test('an event that it acknowledges is sent once', async () => {
    platforms = await startPlatforms();
    const seen: string[] = [];
    await connect(({ data }) => {
      seen.push(data);
      return { status: EventAck.SUCCESS };
    });
    expect(await platforms.stream.emit(agreed(platforms.clock, 'a'))).toBe('taken');
    expect(seen.map((data) => JSON.parse(data))).toEqual([
      { processInstanceId: 'a', processCode: 'PROC-1', type: 'finish', result: 'agree' },
    ]);
  });

  test('an event that it puts off comes again after 10 and after 30 seconds, and then no more', async () => {
    platforms = await startPlatforms();
    let seen = 0;
    await connect(() => {
      seen += 1;
      return { status: EventAck.LATER };
    });
    const ended = platforms.stream.emit(agreed(platforms.clock, 'a'));
    await until(() => platforms.clock.alarms().includes(10_000));
    expect(seen).toBe(1);
    platforms.clock.advance(10_000);
    await until(() => seen === 2 && platforms.clock.alarms().includes(30_000));
    platforms.clock.advance(30_000);
    expect(await ended).toBe('failed');
    expect(seen).toBe(3);
  });

  test('an acknowledgement without data counts, as its code says', async () => {
    platforms = await startPlatforms();
    await connect(() => undefined);
    expect(await platforms.stream.emit(agreed(platforms.clock, 'a'))).toBe('taken');
  });

  test('of two connections one gets the event', async () => {
    platforms = await startPlatforms();
    const seen: string[] = [];
    for (const name of ['first', 'second']) {
      await connect(() => {
        seen.push(name);
        return { status: EventAck.SUCCESS };
      });
    }
    await platforms.stream.emit(agreed(platforms.clock, 'a'));
    expect(seen).toEqual(['first']);
  });

  test('a ping is answered, and the connection stays', async () => {
    platforms = await startPlatforms();
    await connect(() => undefined);
    for (const id of ['a', 'b', 'c']) {
      await until(() => platforms.clock.alarms().includes(30_000));
      platforms.clock.advance(30_000);
      // Answers come in the order of the questions: with this one, that to the ping is there.
      expect(await platforms.stream.emit(agreed(platforms.clock, id))).toBe('taken');
    }
    expect(platforms.stream.connections().map((connection) => connection.isTaking())).toEqual([true]);
  });

  test('a ticket is good once, and for 90 seconds', async () => {
    platforms = await startPlatforms();
    const statusOf = (url: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.once('open', () => resolve('open'));
        socket.once('error', (error) => resolve(error.message));
      });
    const [first, second] = [await address(), await address()];
    expect(await statusOf(first)).toBe('open');
    expect(await statusOf(first)).toBe('Unexpected server response: 401');
    platforms.clock.advance(90_001);
    expect(await statusOf(second)).toBe('Unexpected server response: 401');
  });

  test('wrong credentials and malformed parameters are refused in its words', async () => {
    platforms = await startPlatforms();
    expect(await open('wrong')).toMatchObject({ status: 401, json: { code: 'authFailed', message: '鉴权失败' } });
    expect(await post('/v1.0/gateway/connections/open', {})).toMatchObject({ status: 400 });
  });
});

describe("the official client against Lark's long connection", () => {
  let client: WSClient;
  afterEach(() => client?.close({ force: true }));

  async function connect(handler: (event: Record<string, unknown>) => Promise<unknown>): Promise<void> {
    const quiet = () => undefined;
    const logger = { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet };
    const eventDispatcher = new EventDispatcher({ logger }).register({ approval_instance: handler });
    await new Promise<void>((resolve, reject) => {
      client = new WSClient({
        appId: LARK_APP.app_id,
        appSecret: LARK_APP.app_secret,
        domain: platforms.origin,
        autoReconnect: false,
        logger,
        loggerLevel: LoggerLevel.error,
        onReady: resolve,
        onError: reject,
      });
      client.start({ eventDispatcher }).catch(reject);
    });
  }

  test.each([
    ['in one frame', undefined],
    ['in frames of 50 bytes', 50],
  ])('an event comes %s, and the promise of its handler is the answer', async (_, fragmentBytes) => {
    platforms = await startPlatforms(fragmentBytes === undefined ? {} : { fragmentBytes });
    const seen: unknown[] = [];
    await connect(async ({ instance_code }) => void seen.push(instance_code));
    expect(await platforms.long.emit(approved(platforms.clock, 'a'))).toBe('taken');
    expect(seen).toEqual(['a']);
  });

  test('an event whose handler fails comes again after 15 s, 5 min, 1 h and 6 h', async () => {
    platforms = await startPlatforms();
    let seen = 0;
    await connect(async () => {
      seen += 1;
      throw new Error('not now');
    });
    const ended = platforms.long.emit(approved(platforms.clock, 'a'));
    for (const [index, wait] of [15_000, 300_000, 3_600_000, 21_600_000].entries()) {
      await until(() => seen === index + 1 && platforms.clock.alarms().includes(wait));
      platforms.clock.advance(wait);
    }
    expect(await ended).toBe('failed');
    expect(seen).toBe(5);
  });

  test('wrong credentials are told by their code', async () => {
    platforms = await startPlatforms();
    const answer = await post('/callback/ws/endpoint', { AppID: LARK_APP.app_id, AppSecret: 'wrong' });
    expect(answer).toEqual({
      status: 200,
      json: { code: 1000040345, msg: 'app_id or app_secret is invalid', data: {} },
    });
  });
});
