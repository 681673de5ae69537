import { createPressTakers } from '../../connector/press-takers.ts';
import { createTakePress } from '../../functions/ingest/take-press.ts';
import { parseJson } from '../../shared/json.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { approvalOf } from '../functions/world/approvals.ts';
import { useBench } from './bench.ts';
import { longConnectionTo, streamTo } from './start-connector.ts';

const TOPIC = '/v1.0/card/instances/callback';
const TYPE = 'card.action.trigger';

const bench = useBench();

/** 李四, who agreed, presses Stop on the message of this request. */
const SIDES = {
  dingtalk: {
    to: (topics: readonly string[]) => streamTo(bench.platforms, undefined, topics),
    emit: (id: string) => bench.sides.dingtalk.emit(id),
    press: (requestId: string, userId = 'lisi') =>
      bench.platforms.stream.call(
        TOPIC,
        {
          ...{ type: 'actionCallback', outTrackId: 'card-1', corpId: 'ding-corp', userId },
          content: JSON.stringify({ cardPrivateData: { actionIds: ['stop'], params: { request_id: requestId } } }),
        },
        2_000,
      ),
    told: (answer: string) => ({ response: { userPrivateData: { cardParamMap: { answer } } } }),
  },
  lark: {
    to: (topics: readonly string[]) => longConnectionTo(bench.platforms, undefined, topics),
    emit: (id: string) => bench.sides.lark.emit(id),
    press: async (requestId: string, open_id = 'lisi') => {
      const header = { event_id: 'e', event_type: TYPE, create_time: '1', token: '' };
      const action = { tag: 'button', value: { press: 'stop', request_id: requestId } };
      const event = { operator: { open_id }, action, context: { open_message_id: 'om_1' } };
      const outcome = await bench.platforms.long.call({ schema: '2.0', header, event });
      return 'body' in outcome ? { response: parseJson(outcome.body) } : outcome;
    },
    told: (content: string) => ({ response: { toast: { content } } }),
  },
} as const;

function takersOf(buttons: object | undefined) {
  const { functions, world } = bench.opened;
  const { onboarding, ...others } = functions.workflows.workflows;
  const changed = {
    ...functions.workflows,
    workflows: { ...others, onboarding: { ...onboarding, ...(buttons && { buttons }) } },
  };
  const workflows = changed as Workflows;
  const sources = [world.source, { ...world.source, name: 'lark' as const }];
  const options = { ...functions, workflows, sources, accept: async () => undefined };
  return createPressTakers({ workflows, sources, takePress: createTakePress(options) });
}

describe.each(['dingtalk', 'lark'] as const)('a press in %s', (name) => {
  const side = SIDES[name];
  const requestId = `${name}.a`;

  test('is taken by the connection as over HTTP, by whoever may and once', async () => {
    bench.opened.world.source.put(approvalOf('a'));
    const takers = takersOf({ stop: ['approvers'] });
    await bench.start([side.to(Object.keys(takers))], undefined, takers);
    await side.emit('a');
    await bench.opened.functions.advance('dispatch', requestId);
    expect(await side.press(requestId, 'zhangsan')).toMatchObject(side.told('您没有权限操作，请联系运维人员。'));
    expect(await side.press(requestId)).toMatchObject(side.told('正在停止。'));
    expect(await side.press(requestId)).toMatchObject(side.told('李四 已经按过。'));
    expect(await bench.opened.types(requestId)).toEqual(['accepted', 'planned', 'dispatched', 'pressed']);
    expect(bench.opened.world.events.at(-1)).toMatchObject({ type: 'ProvisionPressed', data: { what: 'stop' } });
  });
});

test('where no workflow has buttons nothing is asked for', () => {
  expect(takersOf(undefined)).toEqual({});
  bench.begin([]);
});
