import type { TakeCallback } from '../../connector/answer-callback.ts';
import type { PlatformCallback } from '../../connector/connection.ts';
import { parseJson } from '../../shared/json.ts';
import { useBench } from './bench.ts';
import { longConnectionTo, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

const TOPIC = '/v1.0/card/instances/callback';
const TYPE = 'card.action.trigger';
const PRESS = { who: '王小明 🙂', event_type: TYPE };

const bench = useBench();

/** How each platform calls, what the app's process sees of it, and what of an answer reaches the platform. */
const SIDES = {
  dingtalk: {
    topic: TOPIC,
    to: (topics: readonly string[]) => streamTo(bench.platforms, undefined, topics),
    call: () => bench.platforms.stream.call(TOPIC, PRESS, 2_000),
    sees: PRESS,
    answered: (answer: object) => ({ response: answer }),
    alone: `no client is connected in Stream mode that subscribed to ${TOPIC}`,
    failed: 'no answer in time',
  },
  lark: {
    topic: TYPE,
    to: (topics: readonly string[]) => longConnectionTo(bench.platforms, undefined, topics),
    call: async () => {
      const header = { event_id: 'e', event_type: TYPE, create_time: '1', token: '' };
      const outcome = await bench.platforms.long.call({ schema: '2.0', header, event: PRESS });
      return 'body' in outcome ? { response: parseJson(outcome.body) } : outcome;
    },
    sees: { schema: '2.0', header: { event_id: 'e', event_type: TYPE, create_time: '1', token: '' }, event: PRESS },
    answered: (answer: object) => ({ response: answer }),
    alone: 'app not online',
    failed: 'the answer has the code 500',
  },
} as const;

describe.each(['dingtalk', 'lark'] as const)('a callback of %s', (name) => {
  const side = SIDES[name];
  const start = (take: TakeCallback, topics: readonly string[] = [side.topic]) =>
    bench.start([side.to(topics)], undefined, { [side.topic]: take });

  test('comes to whoever takes its topic, and the answer goes back', async () => {
    const seen: PlatformCallback[] = [];
    await start(async (callback) => {
      seen.push(callback);
      return { text: '好 🙂' };
    });
    expect(await side.call()).toEqual(side.answered({ text: '好 🙂' }));
    expect(seen).toEqual([{ platform: name, topic: side.topic, id: expect.any(String), data: side.sees }]);
    expect(bench.started.connector.statuses()).toMatchObject([{ events: 1, done: 1, later: 0 }]);
  });

  test('that cannot be taken is not answered, and the connection lives on', async () => {
    let isBroken = true;
    await start(async () => {
      if (isBroken) throw new Error('the store is not there');
      return {};
    });
    const ended = side.call();
    await until(() => bench.started.connector.statuses()[0]?.later === 1);
    bench.platforms.clock.advance(2_000);
    expect(await ended).toEqual({ reason: side.failed });
    isBroken = false;
    expect(await side.call()).toEqual(side.answered({}));
  });

  test('that takes too long is not answered', async () => {
    await start(() => new Promise(() => undefined));
    const ended = side.call();
    await until(() => bench.platforms.clock.alarms().includes(1_700));
    bench.platforms.clock.advance(1_700);
    await until(() => bench.started.connector.statuses()[0]?.later === 1);
    bench.platforms.clock.advance(300);
    expect(await ended).toEqual({ reason: side.failed });
  });

  test('is not sent where no process of the app is connected', async () => {
    bench.begin([]);
    expect(await side.call()).toEqual({ reason: side.alone });
  });
});

test('a topic that nobody takes is not asked for, and does not come', async () => {
  await bench.start([streamTo(bench.platforms)]);
  expect(await bench.platforms.stream.call(TOPIC, PRESS, 2_000)).toEqual({ reason: SIDES.dingtalk.alone });
});
