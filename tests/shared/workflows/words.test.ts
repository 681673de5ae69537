import { WorkflowsError } from '../../../shared/workflows/fault.ts';
import { fillIn } from '../../../shared/workflows/fill-in.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { changed, SAMPLE, variable } from './sample.ts';

const GROUP = { dingtalk: { group: { conversation: variable('CONVERSATION') } } };
const FILE = {
  ...SAMPLE,
  chats: { ...SAMPLE.chats, desk: GROUP },
  workflows: { onboarding: { ...SAMPLE.workflows.onboarding, words: ['入职', 'Onboard'], chats: ['desk'] } },
};
const W = 'workflows.onboarding';

function faultsOf(file: unknown): readonly string[] {
  try {
    loadWorkflows(file);
    return [];
  } catch (error) {
    if (error instanceof WorkflowsError) return error.faults.map(({ message }) => message);
    throw error;
  }
}

test('words with groups of the app’s own robot are taken', () => {
  expect(faultsOf(FILE)).toEqual([]);
});

test.each<[string, unknown, string]>([
  [`${W}.words`, undefined, `${W}.words is missing, and people may ask in chats`],
  [`${W}.chats`, undefined, `${W}.chats is missing, and there are words to ask with`],
  [`${W}.chats`, ['nowhere'], `${W}.chats.0 names the chat "nowhere", which is not under chats`],
  [`${W}.chats`, ['constructor'], `${W}.chats.0 names the chat "constructor", which is not under chats`],
  [
    `${W}.chats`,
    ['it-ops'],
    `${W}.chats.0 names the chat "it-ops", which has neither a dingtalk.group nor a lark.chat_id to ask in`,
  ],
  [`${W}.words`, ['入职', '帮助'], `${W}.words.1: "帮助" asks for help or for a request`],
  [`${W}.words`, ['ＳＴＡＴＵＳ'], `${W}.words.0: "ＳＴＡＴＵＳ" asks for help or for a request`],
  [`${W}.parameters.emp_id.aliases`, ['ROLE'], `${W}.parameters.role.aliases: "role" stands for emp_id already`],
])('%s: %j is refused', (path, wrong, fault) => {
  expect(faultsOf(changed(FILE, path, wrong))).toEqual([fault]);
});

test('a word asks for one workflow, however it is written', () => {
  const twin = { ...FILE.workflows.onboarding, on: { dingtalk: { process_code: 'PROC-2' } }, words: ['ONBOARD'] };
  expect(faultsOf(changed(FILE, 'workflows.again', twin))).toEqual([
    'workflows.again.words.0: the word "ONBOARD" asks for workflows.onboarding already',
  ]);
});

test.each(['two words', 'a=b', '', '一'.repeat(33)])('%j is no word', (word) => {
  expect(faultsOf(changed(FILE, `${W}.words`, [word]))).toHaveLength(1);
});

test('of the chats only the ids of groups in which people may ask are filled in', () => {
  const filled = fillIn(FILE, { variables: { CONVERSATION: 'cid1==' }, used: ['groups'] });
  expect(filled).toEqual({
    file: changed(FILE, 'chats.desk.dingtalk.group.conversation', 'cid1=='),
    faults: [],
  });
  expect(fillIn(FILE, { variables: {}, used: ['groups'] }).faults).toHaveLength(1);
});
