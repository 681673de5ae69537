import { ORGANISATION, type Running, startDingtalk } from './start-dingtalk.ts';

let service: Running;
let processInstanceId: string;
beforeEach(async () => {
  const leaver = { userid: 'u9', name: '离职的人', active: false };
  service = await startDingtalk({ organisation: { ...ORGANISATION, users: [...ORGANISATION.users, leaver] } });
  processInstanceId = await service.createInstance();
});
afterEach(() => service.close());

const comment = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/workflow/processInstances/comments', {
    processInstanceId,
    text: '开通完成 🙂',
    commentUserId: 'u3',
    ...fields,
  });
const records = async () => (await service.detail(processInstanceId)).operationRecords;

const FILE = { spaceId: '1', fileId: 'f', fileName: '表格.xlsx', fileType: 'xlsx', fileSize: '12' };

test('a comment stands in the detail, under the name of the member', async () => {
  expect(await comment()).toEqual({ status: 200, body: { result: true, success: true } });
  expect(await records()).toEqual([
    expect.objectContaining({ type: 'START_PROCESS_INSTANCE' }),
    {
      type: 'ADD_REMARK',
      userId: 'u3',
      date: '2026-01-02T03:04Z',
      remark: '开通完成 🙂',
      result: 'NONE',
      attachments: [],
      ccUserIds: [],
      images: [],
    },
  ]);
});

test('the same comment made again stands there twice', async () => {
  await comment();
  await comment();
  expect(await records()).toMatchObject([{}, { remark: '开通完成 🙂' }, { remark: '开通完成 🙂' }]);
});

test('a completed instance can still be commented on', async () => {
  await service.decide(processInstanceId, 'u2', 'agree');
  expect(await comment()).toMatchObject({ status: 200 });
  expect(await service.detail(processInstanceId)).toMatchObject({
    status: 'COMPLETED',
    operationRecords: [{}, { type: 'EXECUTE_TASK_NORMAL' }, { type: 'ADD_REMARK' }],
  });
});

test.each([
  ['1024 characters', { text: '好'.repeat(1024) }],
  ['512 emoji, which are two characters each', { text: '🙂'.repeat(512) }],
  ['photos and 20 files', { file: { photos: ['https://x.example/p.png'], attachments: Array(20).fill(FILE) } }],
])('a comment may have %s', async (_name, fields) => {
  expect(await comment(fields)).toMatchObject({ status: 200, body: { success: true } });
});

test.each([
  ['1025 characters', { text: '好'.repeat(1025) }, 'invalidInstanceCommentText'],
  ['513 emoji', { text: '🙂'.repeat(513) }, 'invalidInstanceCommentText'],
  ['no text', { text: undefined }, 'invalidInstanceCommentText'],
  ['an empty text', { text: '' }, 'invalidInstanceCommentText'],
  ['no author', { commentUserId: undefined }, 'invalidInstanceCommentUserId'],
  ['a stranger as author', { commentUserId: 'x' }, 'userNotExist'],
  ['somebody who left as author', { commentUserId: 'u9' }, 'userNotExist'],
  ['no instance', { processInstanceId: '' }, 'invalidInstanceId'],
  ['an instance nobody knows', { processInstanceId: 'x' }, 'aflowProcessInstNotExist'],
  ['21 files', { file: { attachments: Array(21).fill(FILE) } }, 'invalidParameter'],
])('a comment with %s is refused', async (_name, fields, code) => {
  expect(await comment(fields)).toMatchObject({ status: 400, body: { code } });
  expect(await records()).toHaveLength(1);
});
