import {
  APPROVAL_CODE,
  dataOf,
  instanceBody,
  type Json,
  ORGANISATION,
  organisationWith,
  type Running,
  startLark,
} from './start-lark.ts';

let service: Running;
beforeEach(async () => {
  service = await startLark();
});
afterEach(() => service.close());

const TASKS = 'approval/v4/tasks';
const CANCEL = 'approval/v4/instances/cancel';

test('a new instance is pending, with a task for the approver of the definition', async () => {
  const code = await service.createInstance({ uuid: '7C468A54-8745-2245-9675-08B7C63E7A87' });
  expect(await service.detail(code)).toEqual({
    approval_code: APPROVAL_CODE,
    approval_name: '入职',
    instance_code: code,
    serial_number: '202601020001',
    uuid: '7C468A54-8745-2245-9675-08B7C63E7A87',
    status: 'PENDING',
    user_id: 'u1',
    open_id: 'ou_1',
    department_id: 'od-7',
    start_time: '1767323045678',
    end_time: '0',
    form: '[{"id":"widget1","custom_id":"emp_id","name":"工号","type":"input","value":"E123"}]',
    task_list: [
      {
        id: expect.stringMatching(/^7\d{18}$/),
        user_id: 'u2',
        open_id: 'ou_2',
        status: 'PENDING',
        node_id: 'node1',
        node_name: '经理',
        custom_node_id: 'manager',
        type: 'OR',
        start_time: '1767323045678',
        end_time: '0',
      },
    ],
    timeline: [
      { type: 'START', create_time: '1767323045678', user_id: 'u1', open_id: 'ou_1', ext: '{}', node_key: '' },
    ],
    comment_list: [],
    reverted: false,
  });
});

test.each([
  ['approve', 'APPROVED', 'PASS'],
  ['reject', 'REJECTED', 'REJECT'],
] as const)('the official SDK can %s a task, which ends the instance', async (verb, status, type) => {
  const { client } = service;
  const created = await client.approval.instance.create({ data: instanceData() });
  const instance_code = String(created.data?.instance_code);
  service.advance(60_000);
  const before = await client.approval.instance.get({ path: { instance_id: instance_code } });
  const data = {
    approval_code: APPROVAL_CODE,
    instance_code,
    user_id: 'ou_2',
    comment: '好的 🙂',
    task_id: String(before.data?.task_list[0]?.id),
  };
  expect(await client.approval.task[verb]({ data, params: { user_id_type: 'open_id' } })).toMatchObject({ code: 0 });
  expect(await service.detail(instance_code)).toMatchObject({
    status,
    end_time: '1767323105678',
    task_list: [{ user_id: 'u2', status, end_time: '1767323105678' }],
    timeline: [
      { type: 'START' },
      { type, user_id: 'u2', comment: '好的 🙂', node_key: 'node1', task_id: data.task_id },
    ],
  });
});

function instanceData() {
  return { approval_code: APPROVAL_CODE, open_id: 'ou_1', form: '[{"id":"emp_id","type":"input","value":"E9"}]' };
}

const NODES = [
  { node_id: 'all', node_type: 'AND' as const, user_ids: ['u2', 'u3'] },
  { node_id: 'turn', node_type: 'SEQUENTIAL' as const, user_ids: ['u3', 'u1'] },
  { node_id: 'any', node_type: 'OR' as const, user_ids: ['u1', 'u2'] },
];

test('nodes follow each other: all of them, one after the other, the first of several', async () => {
  const other = await startLark({ organisation: organisationWith({ nodes: NODES }) });
  const code = await other.createInstance();
  const statuses = async () => {
    const { status, task_list } = await other.detail(code);
    return [status, ...(task_list as Json[]).map((task) => `${task.node_id} ${task.user_id} ${task.status}`)];
  };
  const approve = (userId: string) => other.lark.decide(code, { userId, approved: true });
  expect(await statuses()).toEqual(['PENDING', 'all u2 PENDING', 'all u3 PENDING']);
  approve('u3');
  expect(await statuses()).toEqual(['PENDING', 'all u2 PENDING', 'all u3 APPROVED']);
  approve('u2');
  approve('u3');
  expect(await statuses()).toEqual([
    'PENDING',
    'all u2 APPROVED',
    'all u3 APPROVED',
    'turn u3 APPROVED',
    'turn u1 PENDING',
  ]);
  approve('u1');
  approve('u2');
  expect(await statuses()).toEqual([
    'APPROVED',
    'all u2 APPROVED',
    'all u3 APPROVED',
    'turn u3 APPROVED',
    'turn u1 APPROVED',
    'any u1 DONE',
    'any u2 APPROVED',
  ]);
  await other.close();
});

test('the submitter chooses the approvers of a node that names none', async () => {
  const nodes = [{ node_id: 'n', custom_node_id: 'chosen', node_type: 'AND' as const }];
  const other = await startLark({ organisation: organisationWith({ nodes }) });
  expect(await other.api('POST', 'approval/v4/instances', instanceBody())).toMatchObject({
    status: 400,
    body: { code: 1390001 },
  });
  const code = await other.createInstance({
    node_approver_user_id_list: [{ key: 'n', value: ['u2'] }],
    node_approver_open_id_list: [{ key: 'chosen', value: ['ou_3', 'ou_2'] }],
  });
  expect(await other.detail(code)).toMatchObject({ task_list: [{ user_id: 'u2' }, { user_id: 'u3' }] });
  await other.close();
});

test.each([
  ['an unknown definition', { approval_code: 'x' }, 1390002],
  ['no definition', { approval_code: undefined }, 1390001],
  ['an unknown person', { user_id: 'x' }, 1390004],
  ['nobody', { user_id: undefined }, 1390004],
  ['the root as department', { department_id: '0' }, 1390001],
  ['a department of other people', { department_id: 'd8' }, 1390001],
  ['a form that is no text', { form: [] }, 1390001],
  ['a form that is no JSON', { form: 'x' }, 1390001],
  ['an unknown widget', { form: '[{"id":"other","type":"input","value":"x"}]' }, 1390001],
  ['a widget of another type', { form: '[{"id":"widget1","type":"textarea","value":"x"}]' }, 1390001],
  ['a widget without a value', { form: '[{"id":"widget1","type":"input"}]' }, 1390001],
  ['a uuid of 65 characters', { uuid: 'x'.repeat(65) }, 1390001],
])('an instance with %s is refused', async (_name, fields, code) => {
  const answer = await service.api('POST', 'approval/v4/instances', instanceBody(fields));
  expect(answer).toMatchObject({ status: 400, body: { code } });
});

test('a wrong widget is named, and what is required may be left out by the API but not by a person', async () => {
  const form = '[{"id":"widget1","type":"input","value":5}]';
  expect((await service.api('POST', 'approval/v4/instances', instanceBody({ form }))).body).toMatchObject({
    msg: 'param is invalid: 控件值不合法或者为空。控件=widget1',
  });
  expect(await service.detail(await service.createInstance({ form: '[]' }))).toMatchObject({ form: '[]' });
  const submit = () => service.lark.submit({ approvalCode: APPROVAL_CODE, userId: 'u1', form: [] });
  expect(submit).toThrow('控件=widget1');
});

test('a uuid creates one instance only, and reads it in any case of letters', async () => {
  const code = await service.createInstance({ uuid: 'Mine-1' });
  expect(await service.api('POST', 'approval/v4/instances', instanceBody({ uuid: 'mINE-1' }))).toMatchObject({
    status: 400,
    body: { code: 60012 },
  });
  expect(await service.detail('mine-1')).toMatchObject({ instance_code: code });
});

test.each([
  ['approval/v4/instances/none', 400, 1390003],
  ['approval/v4/instances/{code}?user_id=none', 400, 1390004],
  ['approval/v4/instances/{code}?user_id_type=name', 400, 1390001],
  ['approval/v4/instances/{code}?user_id=u3&user_id_type=user_id', 200, 0],
  ['approval/v4/approvals/none', 400, 1390002],
])('GET %s answers %i with %i', async (path, status, code) => {
  const instance = await service.createInstance();
  expect(await service.api('GET', path.replace('{code}', instance))).toMatchObject({ status, body: { code } });
});

test.each([
  ['an unknown instance', { instance_code: 'x' }, 400, 1390003],
  ['another definition', { approval_code: 'x' }, 400, 1390002],
  ['an unknown person', { user_id: 'x' }, 400, 1390004],
  ['an unknown task', { task_id: '1' }, 400, 1390010],
  ['the task of somebody else', { user_id: 'ou_3' }, 403, 1390009],
  ['no task', { task_id: undefined }, 400, 1390001],
])('approving with %s is refused', async (_name, fields, status, code) => {
  const instance_code = await service.createInstance();
  const { task_list } = await service.detail(instance_code);
  const [task] = task_list as Json[];
  const body = { approval_code: APPROVAL_CODE, instance_code, user_id: 'ou_2', task_id: task?.id, ...fields };
  expect(await service.api('POST', `${TASKS}/approve`, body)).toMatchObject({ status, body: { code } });
  expect(await service.detail(instance_code)).toMatchObject({ status: 'PENDING' });
});

test('a task that is decided is not found any more', async () => {
  const instance_code = await service.createInstance();
  const [task] = (await service.detail(instance_code)).task_list as Json[];
  service.lark.decide(instance_code, { userId: 'u2', approved: true });
  const body = { approval_code: APPROVAL_CODE, instance_code, user_id: 'ou_2', task_id: task?.id };
  expect(await service.api('POST', `${TASKS}/reject`, body)).toMatchObject({ status: 400, body: { code: 1390010 } });
});

describe('cancelling by the API', () => {
  const body = (instance_code: string, fields = {}) => ({
    approval_code: APPROVAL_CODE,
    instance_code,
    user_id: 'ou_1',
    ...fields,
  });

  test('withdraws a pending instance for its submitter only', async () => {
    const code = await service.createInstance();
    expect(await service.api('POST', CANCEL, body(code, { user_id: 'ou_2' }))).toMatchObject({
      status: 403,
      body: { code: 1390009 },
    });
    expect(await service.api('POST', CANCEL, body(code))).toMatchObject({ status: 200, body: { code: 0, data: {} } });
    expect(await service.detail(code)).toMatchObject({
      status: 'CANCELED',
      reverted: false,
      task_list: [{ status: 'DONE' }],
      timeline: [{ type: 'START' }, { type: 'CANCEL', user_id: 'u1' }],
    });
    expect(await service.api('POST', CANCEL, body(code))).toMatchObject({ body: { code: 1390009 } });
  });

  test('revokes an approved one, which reads as cancelled and reverted', async () => {
    const code = await service.createInstance();
    service.lark.decide(code, { userId: 'u2', approved: true });
    expect(await service.api('POST', CANCEL, body(code))).toMatchObject({ status: 200, body: { code: 0 } });
    expect(await service.detail(code)).toMatchObject({
      status: 'CANCELED',
      reverted: true,
      task_list: [{ status: 'APPROVED' }],
    });
  });
});

test('people can only do what the state of an instance allows', async () => {
  const code = await service.createInstance();
  expect(() => service.lark.revert(code)).toThrow('is PENDING; this needs one that is APPROVED');
  expect(() => service.lark.decide(code, { userId: 'u3', approved: true })).toThrow('u3 has no pending task');
  expect(() => service.lark.cancel('none')).toThrow('there is no approval instance none');
  service.lark.deleteInstance(code);
  expect(await service.detail(code)).toMatchObject({ status: 'DELETED', task_list: [{ status: 'DONE' }] });
  expect(() => service.lark.cancel(code)).toThrow('is DELETED; this needs one that is PENDING');
});

test('the ids of a period are listed page by page, oldest first', async () => {
  const codes = [await service.createInstance(), await service.createInstance(), await service.createInstance()];
  const list = (query: string) => service.api('GET', `approval/v4/instances?approval_code=${APPROVAL_CODE}&${query}`);
  const period = 'start_time=1767323045678&end_time=1767323045678&page_size=2';
  const first = await list(period);
  expect(dataOf(first.body)).toEqual({ instance_code_list: codes.slice(0, 2), has_more: true, page_token: '2' });
  const second = await list(`${period}&page_token=2`);
  expect(dataOf(second.body)).toEqual({ instance_code_list: codes.slice(2), has_more: false });
  expect(dataOf((await list('start_time=1767323045679&end_time=1767323045680')).body)).toMatchObject({
    instance_code_list: [],
  });
});

test.each([
  ['start_time=1767323045678&end_time=1767359045678', 200, 0],
  ['start_time=1767323045678&end_time=1767359045679', 400, 1390001],
  ['start_time=1767323045678&end_time=1767323045677', 400, 1390001],
  ['start_time=1767323045678', 400, 1390001],
  ['start_time=1767323045678&end_time=1767323045678&page_size=101', 400, 1390001],
])('the list for %s answers %i with %i', async (query, status, code) => {
  const path = `approval/v4/instances?approval_code=${APPROVAL_CODE}&${query}`;
  expect(await service.api('GET', path)).toMatchObject({ status, body: { code } });
});

test('a definition tells its widgets as JSON text, and its nodes', async () => {
  const { data } = await service.client.approval.approval.get({ path: { approval_code: APPROVAL_CODE } });
  expect(data).toMatchObject({
    approval_name: '入职',
    status: 'ACTIVE',
    node_list: [{ name: '经理', need_approver: false, node_id: 'node1', custom_node_id: 'manager', node_type: 'OR' }],
  });
  expect(JSON.parse(String(data?.form))[0]).toEqual({
    id: 'widget1',
    custom_id: 'emp_id',
    name: '工号',
    type: 'input',
    printable: true,
    required: true,
    visible: true,
  });
});

test.each([
  ['INACTIVE', 1390015],
  ['DELETED', 1390016],
] as const)('a definition that is %s takes no instances', async (status, code) => {
  const other = await startLark({ organisation: organisationWith({ status }) });
  expect(await other.api('POST', 'approval/v4/instances', instanceBody())).toMatchObject({
    status: 400,
    body: { code },
  });
  await other.close();
});

test('without the scope for employee ids answers hold open ids only', async () => {
  const app = { ...ORGANISATION.app, employeeIdScope: false };
  const other = await startLark({ organisation: { ...ORGANISATION, app } });
  const detail = await other.detail(await other.createInstance());
  expect(detail).toMatchObject({ open_id: 'ou_1', task_list: [{ open_id: 'ou_2' }] });
  expect(JSON.stringify(detail)).not.toContain('user_id');
  await other.close();
});
