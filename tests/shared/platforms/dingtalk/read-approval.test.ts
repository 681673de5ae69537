import type { Fault } from '../../../../local/faults.ts';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { createDingtalkClient } from '../../../../shared/platforms/dingtalk/client.ts';
import { readApproval } from '../../../../shared/platforms/dingtalk/read-approval.ts';
import type { ApprovalHint, ReadApproval } from '../../../../shared/platforms/platform.ts';
import {
  instanceBody,
  ORGANISATION,
  PROCESS_CODE,
  type Running,
  START,
  startDingtalk,
} from '../../../local/dingtalk/start-dingtalk.ts';
import { outcomeOf } from './scripted-dingtalk.ts';

/** The company of the embedded DingTalk with a second template: first 李四, then 张三 and Ana both. */
const TWO_STEPS = 'PROC-TWO-STEPS';
const organisation = {
  ...ORGANISATION,
  templates: [
    ...ORGANISATION.templates,
    {
      processCode: TWO_STEPS,
      name: '两级',
      components: [{ id: 'TextField-A', name: '工号', componentType: 'TextField' as const }],
      approvers: ['u2', { actionType: 'AND' as const, userIds: ['u1', 'u3'] }],
    },
  ],
};

let dingtalk: Running;
let calls: HttpCall[];
/** The end of the path that will not answer; nobody waits long for it. */
let hanging: string | undefined;
beforeEach(async () => {
  dingtalk = await startDingtalk({ organisation });
  calls = [];
  hanging = undefined;
});
afterEach(() => dingtalk.close());

const paths = () => calls.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

/** Reads with a client of its own, whose clock stands a minute after the service's start. */
function read(instance_id: string, hint: Partial<ApprovalHint> = {}, signal?: AbortSignal): Promise<ReadApproval> {
  const clock = { now: () => START + 60_000, sleep: async () => undefined };
  const http = (call: HttpCall) => {
    calls.push(call);
    const hangs = hanging !== undefined && new URL(call.url).pathname.endsWith(hanging);
    return callHttp({ ...call, timeoutMs: hangs ? 60 : 5_000 });
  };
  const endpoints = { apiEndpoint: dingtalk.origin, oapiEndpoint: dingtalk.origin };
  const client = createDingtalkClient({ appKey: 'dingapp', appSecret: 'app-secret', ...endpoints }, http, clock);
  return readApproval({ client, clock }, { instance_id, code: PROCESS_CODE, ...hint }, signal);
}

async function approvalOf(reading: Promise<ReadApproval>) {
  const result = await reading;
  if (result.kind !== 'approval') throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.approval;
}

/** What the detail of this instance says is replaced in part. */
async function answerDetail(id: string, changes: object): Promise<void> {
  const body = JSON.stringify({ result: { ...(await dingtalk.detail(id)), ...changes }, success: 'true' });
  answer('processInstances/get', { kind: 'answer', status: 200, body, contentType: 'application/json' });
}

const answer = (operation: string, fault: Fault, times = 1) =>
  dingtalk.faults.add({ service: 'dingtalk', operation, fault, times });
const error = (status: number, code: string): Fault => ({ kind: 'error', status, code });
const html: Fault = { kind: 'answer', status: 200, body: '<html>登录</html>' };

test('an approved instance is read as a whole', async () => {
  const id = await dingtalk.createInstance({
    formComponentValues: [
      { name: '工号', value: 'E123' },
      { id: 'TextareaField-B', value: '入职 🎉' },
    ],
  });
  await dingtalk.decide(id, 'u2', 'agree');
  const { businessId } = await dingtalk.detail(id);
  expect(await read(id)).toEqual({
    kind: 'approval',
    approval: {
      instance_id: id,
      code: PROCESS_CODE,
      title: '张三提交的入职',
      number: businessId,
      state: 'approved',
      kind: 'original',
      about: undefined,
      attached: [],
      requester: { id: 'u1', name: '张三' },
      approvers: [{ id: 'u2', name: '李四', at: '2026-01-02T03:04Z' }],
      fields: [
        { names: ['TextField-A', 'emp_id', '工号'], value: 'E123' },
        { names: ['TextareaField-B', '', '备注'], value: '入职 🎉' },
      ],
    },
  });
  expect(paths().sort()).toEqual([
    'GET /v1.0/workflow/processInstances',
    'POST /topapi/v2/user/get',
    'POST /topapi/v2/user/get',
    'POST /v1.0/oauth2/accessToken',
    'POST /v1.0/workflow/processes/instanceIds/query',
  ]);
});

describe('the state', () => {
  test('is pending until somebody decides', async () => {
    const approval = await approvalOf(read(await dingtalk.createInstance()));
    expect(approval).toMatchObject({ state: 'pending', approvers: [] });
  });

  test('is pending after the first of two steps, with its approver', async () => {
    const id = await dingtalk.createInstance({ processCode: TWO_STEPS });
    await dingtalk.decide(id, 'u2', 'agree');
    const approval = await approvalOf(read(id, { code: TWO_STEPS }));
    expect(approval).toMatchObject({ state: 'pending', approvers: [{ id: 'u2' }] });
  });

  test('is not approved after a refusal, and who refused is no approver', async () => {
    const id = await dingtalk.createInstance({ processCode: TWO_STEPS });
    await dingtalk.decide(id, 'u2', 'agree');
    await dingtalk.decide(id, 'u3', 'refuse');
    const approval = await approvalOf(read(id, { code: TWO_STEPS }));
    expect(approval).toMatchObject({ state: 'not approved', approvers: [{ id: 'u2', name: '李四' }] });
  });

  test('is not approved once the requester has withdrawn it', async () => {
    const id = await dingtalk.createInstance();
    dingtalk.advance(16_000);
    const body = { processInstanceId: id, isSystem: false, operatingUserId: 'u1' };
    expect((await dingtalk.newApi('POST', '/v1.0/workflow/processInstances/terminate', body)).status).toBe(200);
    expect((await approvalOf(read(id))).state).toBe('not approved');
  });

  test.each<[string, string | null | undefined, string]>([
    ['COMPLETED', 'agree', 'approved'],
    ['COMPLETED', 'refuse', 'not approved'],
    ['COMPLETED', 'AGREE', 'not approved'],
    ['COMPLETED', '', 'not approved'],
    ['COMPLETED', null, 'not approved'],
    ['COMPLETED', undefined, 'not approved'],
    ['completed', 'agree', 'not approved'],
    ['RUNNING', 'agree', 'pending'],
    ['NEW', undefined, 'pending'],
    ['TERMINATED', 'agree', 'not approved'],
    ['CANCELED', 'agree', 'not approved'],
    ['已完成 🎉', 'agree', 'not approved'],
  ])('with status %s and result %s is %s', async (status, result, state) => {
    const id = await dingtalk.createInstance();
    await answerDetail(id, { status, result });
    expect((await approvalOf(read(id))).state).toBe(state);
  });
});

describe('the kind', () => {
  test.each([
    ['MODIFY', 'modification'],
    ['REVOKE', 'revocation'],
  ] as const)('of an instance that the requester’s %s made is %s, approved or not', async (bizAction, kind) => {
    const original = await dingtalk.createInstance();
    await dingtalk.decide(original, 'u2', 'agree');
    const id = dingtalk.dingtalk.attachInstance(original, bizAction);
    expect(await approvalOf(read(id))).toMatchObject({ kind, state: 'pending' });
    await dingtalk.decide(id, 'u2', 'agree');
    expect(await approvalOf(read(id))).toMatchObject({ kind, state: 'approved' });
    expect(await approvalOf(read(id))).toMatchObject({ about: original, attached: [] });
    expect(await approvalOf(read(original))).toMatchObject({
      kind: 'original',
      state: 'approved',
      about: undefined,
      attached: [id],
    });
  });

  test.each<[unknown, string]>([
    ['NONE', 'original'],
    ['', 'original'],
    [null, 'original'],
    [undefined, 'original'],
    ['REVOKE', 'revocation'],
    ['none', 'revocation'],
    ['SOMETHING_NEW', 'revocation'],
  ])('for bizAction %j is %s: only an ordinary start is an original', async (bizAction, kind) => {
    const id = await dingtalk.createInstance();
    await answerDetail(id, { bizAction });
    expect((await approvalOf(read(id))).kind).toBe(kind);
  });
});

test('names of other instances that are no ids are left out', async () => {
  const id = await dingtalk.createInstance();
  await answerDetail(id, {
    mainProcessInstanceId: '../main',
    attachedProcessInstanceIds: ['a-1', '', 'b c', '编号', 'a-2'],
  });
  expect(await approvalOf(read(id))).toMatchObject({ about: undefined, attached: ['a-1', 'a-2'] });
});

describe('approvers', () => {
  const record = (
    userId: string | null | undefined,
    type: string,
    result: string | null | undefined,
    date = '2026-01-02T03:05Z',
  ) => ({
    userId,
    type,
    result,
    date,
  });
  const AGREED = record('u2', 'EXECUTE_TASK_NORMAL', 'AGREE');

  test('of several steps are all who agreed, in order', async () => {
    const id = await dingtalk.createInstance({ processCode: TWO_STEPS });
    for (const person of ['u2', 'u3', 'u1']) await dingtalk.decide(id, person, 'agree', '同意 👍');
    const { approvers } = await approvalOf(read(id, { code: TWO_STEPS }));
    expect(approvers.map(({ id, name }) => [id, name])).toEqual([
      ['u2', '李四'],
      ['u3', 'Ana 🙂'],
      ['u1', '张三'],
    ]);
  });

  test.each<[string, object[], string[]]>([
    ['agreed', [AGREED], ['u2']],
    ['agreed in another’s place', [record('u2', 'EXECUTE_TASK_AGENT', 'AGREE')], ['u2']],
    ['agreed in small letters', [record('u2', 'EXECUTE_TASK_NORMAL', 'agree')], ['u2']],
    ['agreed twice', [AGREED, record('u3', 'EXECUTE_TASK_NORMAL', 'AGREE'), AGREED], ['u2', 'u3']],
    ['asked for it and agreed', [record('u1', 'EXECUTE_TASK_NORMAL', 'AGREE'), AGREED], ['u1', 'u2']],
    ['is a rule of the template', [record('u2', 'EXECUTE_TASK_AUTO', 'AGREE')], []],
    ['refused', [record('u2', 'EXECUTE_TASK_NORMAL', 'REFUSE')], []],
    ['did nothing yet', [record('u2', 'EXECUTE_TASK_NORMAL', 'NONE')], []],
    ['has no result', [record('u2', 'EXECUTE_TASK_NORMAL', undefined), record('u2', 'EXECUTE_TASK_NORMAL', null)], []],
    ['handed it on', [record('u2', 'REDIRECT_TASK', 'AGREE')], []],
    ['handed all of it on', [record('u2', 'REDIRECT_PROCESS', 'AGREE')], []],
    ['added somebody', [record('u2', 'APPEND_TASK_BEFORE', 'AGREE'), record('u2', 'APPEND_TASK_AFTER', 'AGREE')], []],
    ['only remarked "AGREE"', [record('u2', 'ADD_REMARK', 'AGREE')], []],
    ['was only told', [record('u2', 'PROCESS_CC', 'AGREE')], []],
    ['started it', [record('u1', 'START_PROCESS_INSTANCE', 'AGREE')], []],
    ['ended it', [record('u2', 'FINISH_PROCESS_INSTANCE', 'AGREE')], []],
    ['withdrew it', [record('u1', 'TERMINATE_PROCESS_INSTANCE', 'AGREE')], []],
    ['does something new', [record('u2', 'EXECUTE_TASK_NEW', 'AGREE')], []],
    ['is nobody', [record('', 'EXECUTE_TASK_NORMAL', 'AGREE'), record(null, 'EXECUTE_TASK_NORMAL', 'AGREE')], []],
  ])('who %s', async (_, operationRecords, ids) => {
    const id = await dingtalk.createInstance();
    await answerDetail(id, { operationRecords });
    const { approvers } = await approvalOf(read(id));
    expect(approvers.map((approver) => approver.id)).toEqual(ids);
  });
});

describe('the template', () => {
  test('that the callback named is confirmed for this instance', async () => {
    const id = await dingtalk.createInstance();
    await read(id);
    const query = calls.find(({ url }) => url.endsWith('/instanceIds/query'));
    expect(JSON.parse(String(query?.body))).toEqual({
      processCode: PROCESS_CODE,
      startTime: Date.parse('2026-01-01T03:04:00Z'),
      endTime: START + 60_000,
      userIds: ['u1'],
      maxResults: 20,
      nextToken: 0,
    });
  });

  test.each([
    ['another one', TWO_STEPS],
    ['one that does not exist', 'PROC-中文 🙂'],
    ['the same in small letters', PROCESS_CODE.toLowerCase()],
  ])('is refused where the callback named %s', async (_, code) => {
    const id = await dingtalk.createInstance();
    await dingtalk.decide(id, 'u2', 'agree');
    expect(await read(id, { code })).toEqual({
      kind: 'refused',
      refusal: { code: 'template_mismatch', values: { code } },
    });
  });

  test('is looked for on every page', async () => {
    for (let other = 0; other < 40; other += 1) await dingtalk.createInstance();
    const id = await dingtalk.createInstance();
    await approvalOf(read(id));
    expect(paths().filter((path) => path.endsWith('/instanceIds/query'))).toHaveLength(3);
  });

  const page = (list: unknown, nextToken?: unknown): Fault => ({
    kind: 'answer',
    status: 200,
    body: JSON.stringify({ result: { list, nextToken }, success: true }),
    contentType: 'application/json',
  });
  const queries = () =>
    calls.filter(({ url }) => url.endsWith('/instanceIds/query')).map(({ body }) => JSON.parse(String(body)).nextToken);

  test.each<[string, unknown, unknown]>([
    ['a text', '20', 20],
    ['a number', 20, 20],
  ])('is looked for where the next page is named by %s', async (_, nextToken, asked) => {
    const id = await dingtalk.createInstance();
    answer('instanceIds/query', page(['other'], nextToken));
    answer('instanceIds/query', page([id]));
    await approvalOf(read(id));
    expect(queries()).toEqual([0, asked]);
  });

  test.each<[string, unknown]>([
    ['is not named', undefined],
    ['is null', null],
    ['is empty', ''],
  ])('is not confirmed when the next page %s', async (_, nextToken) => {
    const id = await dingtalk.createInstance();
    answer('instanceIds/query', page(['other'], nextToken));
    expect(await read(id)).toMatchObject({ kind: 'refused', refusal: { code: 'template_mismatch' } });
    expect(queries()).toEqual([0]);
  });

  test('is not looked for without end', async () => {
    const id = await dingtalk.createInstance();
    answer('instanceIds/query', page(['other'], '20'), 100);
    expect(await read(id)).toMatchObject({ kind: 'refused', refusal: { code: 'template_mismatch' } });
    expect(queries()).toHaveLength(25);
  });

  test('is not confirmed for an instance without a time of creation', async () => {
    const id = await dingtalk.createInstance();
    await answerDetail(id, { createTime: '刚刚' });
    expect(await read(id)).toMatchObject({ kind: 'refused', refusal: { code: 'template_mismatch' } });
  });

  test.each([
    ['2026-01-02T03:09Z', '2026-01-02T03:10:00.000Z', 'our clock is five minutes behind'],
    ['2026-01-02T11:04Z', new Date(START + 60_000).toISOString(), 'the hours are those of another zone'],
  ])('is looked for from a creation at %s up to %s: %s', async (createTime, endTime) => {
    const id = await dingtalk.createInstance();
    await answerDetail(id, { createTime });
    await read(id);
    const query = calls.find(({ url }) => url.endsWith('/instanceIds/query'));
    expect(JSON.parse(String(query?.body))).toMatchObject({ endTime: Date.parse(endTime) });
  });

  test('is confirmed in whatever zone the time of creation is meant', async () => {
    const id = await dingtalk.createInstance();
    for (const createTime of ['2026-01-02T11:04Z', '2026-01-01T19:04Z', '2026-01-02 11:04:05']) {
      await answerDetail(id, { createTime });
      expect((await approvalOf(read(id))).instance_id).toBe(id);
    }
  });
});

describe('names', () => {
  test.each<[string, Fault]>([
    ['nobody of this id is known', error(200, '60121')],
    ['the person is outside the app’s scope', error(200, '50002')],
    ['the app lacks the permission', error(200, '60011')],
    ['the platform is busy', error(200, '90018')],
    ['the answer is HTML', html],
    ['the answer is empty', { kind: 'answer', status: 200, body: '' }],
    ['the answer has no name', { kind: 'answer', status: 200, body: '{"errcode":0,"result":{}}' }],
    ['the connection is cut', { kind: 'cut' }],
    ['no answer comes', { kind: 'hang' }],
  ])('fall back to ids where %s', async (_, fault) => {
    const id = await dingtalk.createInstance();
    await dingtalk.decide(id, 'u2', 'agree');
    answer('user/get', fault, 2);
    if (fault.kind === 'hang') hanging = '/user/get';
    const { requester, approvers } = await approvalOf(read(id));
    expect([requester, ...approvers]).toMatchObject([
      { id: 'u1', name: 'u1' },
      { id: 'u2', name: 'u2' },
    ]);
  });

  test('are asked for once a person', async () => {
    const id = await dingtalk.createInstance({ processCode: TWO_STEPS });
    for (const person of ['u2', 'u3', 'u1']) await dingtalk.decide(id, person, 'agree');
    await read(id, { code: TWO_STEPS });
    expect(paths().filter((path) => path.endsWith('/user/get'))).toHaveLength(3);
  });
});

describe.each(['processInstances/get', 'instanceIds/query'])('when %s', (operation) => {
  test.each<[string, Fault, string]>([
    [
      'throttles',
      error(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'),
      'dingtalk.Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
    ],
    ['breaks', error(500, 'systemError'), 'dingtalk.systemError'],
    ['answers HTML', html, 'dingtalk.bad_answer'],
    ['answers nothing', { kind: 'answer', status: 200, body: '' }, 'dingtalk.bad_answer'],
    ['answers half', { kind: 'answer', status: 200, body: '{"result":{"list":["a"' }, 'dingtalk.bad_answer'],
    [
      'answers something else',
      { kind: 'answer', status: 200, body: '{"result":{},"success":true}' },
      'dingtalk.bad_answer',
    ],
    [
      'answers with an error inside',
      { kind: 'answer', status: 200, body: '{"code":"invalidParameter"}' },
      'dingtalk.bad_answer',
    ],
    ['answers without end', { kind: 'answer', status: 200, body: ' '.repeat(1_048_577) }, 'dingtalk.answer_too_long'],
    ['never answers', { kind: 'hang' }, 'dingtalk.timeout'],
    ['is cut off', { kind: 'cut' }, 'dingtalk.unreachable'],
    ['loses its answer', { kind: 'lose_answer' }, 'dingtalk.unreachable'],
  ])('%s, reading fails as transient', async (_, fault, code) => {
    const id = await dingtalk.createInstance();
    answer(operation, fault);
    if (fault.kind === 'hang') hanging = operation.startsWith('processInstances') ? '/processInstances' : '/query';
    expect(await outcomeOf(read(id))).toMatchObject({ name: 'TransientError', code });
    hanging = undefined;
    expect((await approvalOf(read(id))).instance_id).toBe(id);
  });

  test.each([
    [400, 'processInstanceNotExist'],
    [400, 'processCodeError'],
    [400, 'invalidInstanceListIdsStartTime'],
    [400, 'invalidParameter'],
    [403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied'],
  ])('refuses with %i %s, the approval is refused as unreadable', async (status, code) => {
    const id = await dingtalk.createInstance();
    answer(operation, error(status, code));
    expect(await read(id)).toEqual({
      kind: 'refused',
      refusal: { code: 'approval_unreadable', values: { error: `dingtalk.${code}` } },
    });
  });
});

test('an instance that does not exist is refused as unreadable', async () => {
  expect(await read('no-such-instance')).toEqual({
    kind: 'refused',
    refusal: { code: 'approval_unreadable', values: { error: 'dingtalk.processInstanceNotExist' } },
  });
});

test.each<[string, object]>([
  ['a form that is text', { formComponentValues: '工号: E123' }],
  ['records that are none', { operationRecords: null }],
  ['a requester that is a number', { originatorUserId: 7 }],
  ['a value that is an object', { formComponentValues: [{ id: 'F', value: {} }] }],
])('a detail with %s is no answer of the API', async (_, changes) => {
  const id = await dingtalk.createInstance();
  await answerDetail(id, changes);
  expect(await outcomeOf(read(id))).toMatchObject({ name: 'TransientError', code: 'dingtalk.bad_answer' });
});

test('nothing but what is needed must be in a detail', async () => {
  const id = await dingtalk.createInstance();
  const { createTime, originatorUserId, status } = await dingtalk.detail(id);
  const result = { createTime, originatorUserId, status, operationRecords: [], formComponentValues: [{}] };
  answer('processInstances/get', { kind: 'answer', status: 200, body: JSON.stringify({ result }) });
  expect(await approvalOf(read(id))).toMatchObject({
    title: '',
    number: '',
    fields: [{ names: ['', '', ''], value: '' }],
  });
});

test('an expired token is replaced on the way', async () => {
  const id = await dingtalk.createInstance();
  answer('processInstances/get', error(400, 'InvalidAuthentication'));
  answer('user/get', error(200, '42001'));
  expect((await approvalOf(read(id))).requester.name).toBe('张三');
});

test('a signal ends it', async () => {
  const id = await dingtalk.createInstance();
  answer('processInstances/get', { kind: 'hang' });
  const abort = new AbortController();
  const reading = outcomeOf(read(id, {}, abort.signal));
  setImmediate(() => abort.abort());
  expect(await reading).toMatchObject({ name: 'TransientError', code: 'dingtalk.unreachable' });
});

test('every kind of component comes through the API', async () => {
  await dingtalk.close();
  const types = [
    'TextField',
    'NumberField',
    'DDSelectField',
    'DDMultiSelectField',
    'DDDateField',
    'DDDateRangeField',
    'InnerContactField',
    'DepartmentField',
    'TableField',
    'AddressField',
    'TextareaField',
  ] as const;
  const components = types.map((componentType) => ({
    id: `${componentType}-1`,
    name:
      componentType === 'DDDateRangeField'
        ? '["开始","结束"]'
        : `标签${componentType.length}${componentType.slice(0, 9)}`,
    componentType,
    options: ['a', '中 🙂'],
    ...(componentType === 'TableField'
      ? { children: [{ id: 'TextField-T', name: '列', componentType: 'TextField' as const }] }
      : {}),
  }));
  const form = { processCode: PROCESS_CODE, name: '全部', components, approvers: ['u2'] };
  dingtalk = await startDingtalk({ organisation: { ...ORGANISATION, templates: [form] } });
  const written: Record<string, string> = {
    'TextField-1': '入职 🙂',
    'NumberField-1': '5.5',
    'DDSelectField-1': '中 🙂',
    'DDMultiSelectField-1': '["a","中 🙂"]',
    'DDDateField-1': '2026-01-02',
    'DDDateRangeField-1': '["2026-01-01","2026-01-02"]',
    'InnerContactField-1': '["u2","u3"]',
    'DepartmentField-1': '1,7',
    'TableField-1': '[[{"name":"列","value":"1"}]]',
    'AddressField-1': '浙江省,杭州市',
  };
  const formComponentValues = Object.entries(written).map(([id, value]) => ({ id, value }));
  const id = await dingtalk.createInstance(instanceBody({ formComponentValues }));
  const { fields } = await approvalOf(read(id));
  const values = Object.fromEntries(fields.map(({ names: [name = ''], value }) => [name, value]));
  expect(values).toEqual({
    ...written,
    'DDMultiSelectField-1': ['a', '中 🙂'],
    'DDDateRangeField-1': ['2026-01-01', '2026-01-02'],
    'InnerContactField-1': ['u2', 'u3'],
    'DepartmentField-1': ['1', '7'],
    'TableField-1':
      '[{"rowValue":[{"componentType":"TextField","label":"列","key":"TextField-T","value":"1"}],"rowNumber":"TableField-1_0"}]',
    'TextField-T': ['1'],
    'TextareaField-1': '',
  });
});
