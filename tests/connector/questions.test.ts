import { createQuestionTakers } from '../../connector/question-takers.ts';
import { createAnswer } from '../../functions/ingest/group/answer-question.ts';
import { createTakeQuestion } from '../../functions/ingest/group/take-question.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { useBench } from './bench.ts';
import { longConnectionTo, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

const TOPIC = '/v1.0/im/bot/messages/get';
const TYPE = 'im.message.receive_v1';
const GROUPS = { dingtalk: { group: { conversation: 'cid1==' } }, lark: { chat_id: 'oc_1' } };

const bench = useBench();

/** 张三 writes this to the robot of the group. */
const SIDES = {
  dingtalk: {
    to: (topics: readonly string[]) => streamTo(bench.platforms, undefined, topics),
    ask: (content: string, msgId = 'msg1') =>
      bench.platforms.stream.call(
        TOPIC,
        {
          ...{ conversationId: 'cid1==', conversationType: '2', msgId, msgtype: 'text', senderCorpId: 'ding-corp' },
          ...{ senderStaffId: 'zhangsan', robotCode: 'dingapp', text: { content } },
        },
        2_000,
      ),
  },
  lark: {
    to: (topics: readonly string[]) => longConnectionTo(bench.platforms, undefined, topics),
    ask: (text: string, message_id = 'om_1') => {
      const header = { event_id: 'e', event_type: TYPE, create_time: '1', token: '' };
      const sender = { sender_id: { open_id: 'zhangsan' }, sender_type: 'user' };
      const content = JSON.stringify({ text: `@_user_1 ${text}` });
      const message = { message_id, chat_id: 'oc_1', chat_type: 'group', message_type: 'text', content };
      const event = { sender, message: { ...message, mentions: [{ key: '@_user_1' }] } };
      return bench.platforms.long.call({ schema: '2.0', header, event });
    },
  },
} as const;

interface Answer {
  message_id: string;
  text: string;
}

/** Takers whose answers are kept; `fails` is a store that stores nothing. */
function takersOf(words: object, answers: Answer[], fails = false) {
  const { functions, world } = bench.opened;
  const { onboarding } = functions.workflows.workflows;
  const workflows = {
    ...functions.workflows,
    chats: { ...functions.workflows.chats, desk: GROUPS },
    workflows: { onboarding: { ...onboarding, ...words } },
  } as Workflows;
  const desk = {
    ...world.source.desk,
    answer: async ({ message_id }: { message_id: string }, text: string) => void answers.push({ message_id, text }),
  };
  const source = { ...world.source, desk };
  const sources = [source, { ...source, name: 'lark' as const }];
  const put = async () => {
    throw new Error('no store');
  };
  const questions = fails ? { ...functions.questions, put } : functions.questions;
  const options = { ...functions, workflows, sources, questions };
  const takeQuestion = createTakeQuestion({ ...options, answer: createAnswer(options) });
  return createQuestionTakers({ workflows, sources, takeQuestion });
}

const WORDS = { words: ['入职'], chats: ['desk'] };

describe.each(['dingtalk', 'lark'] as const)('a question in %s', (name) => {
  const side = SIDES[name];

  test('is taken by the connection as over HTTP, and answered once', async () => {
    const answers: Answer[] = [];
    const takers = takersOf(WORDS, answers);
    await bench.start([side.to(Object.keys(takers))], undefined, takers);
    for (let times = 0; times < 2; times += 1) expect(await side.ask('开门 🚪')).not.toHaveProperty('reason');
    expect(answers).toEqual([
      { message_id: name === 'lark' ? 'om_1' : 'msg1', text: '没有“开门”这个指令。可用：入职, 状态, 为什么, 帮助。' },
    ]);
  });

  test('is not acknowledged where it could not be stored', async () => {
    const answers: Answer[] = [];
    const takers = takersOf(WORDS, answers, true);
    await bench.start([side.to(Object.keys(takers))], undefined, takers);
    const asked = side.ask('帮助');
    await until(() => bench.logged('callback not taken').length === 1);
    bench.platforms.clock.advance(2_001);
    expect(await asked).toHaveProperty('reason');
    expect(answers).toEqual([]);
  });
});

test('where nobody can ask nothing is asked for', () => {
  expect(takersOf({}, [])).toEqual({});
  bench.begin([]);
});
