import { instanceBody, ORGANISATION, PROCESS_CODE, type Running, startDingtalk } from './start-dingtalk.ts';

let service: Running;
beforeEach(async () => {
  service = await startDingtalk();
});
afterEach(() => service.close());

const post = (path: string, body: object) => service.newApi('POST', `/v1.0/workflow/processInstances${path}`, body);

test('a new instance runs, with a task for the approver of the template', async () => {
  const id = await service.createInstance();
  expect(await service.detail(id)).toEqual({
    title: '张三提交的入职',
    createTime: '2026-01-02T03:04Z',
    originatorUserId: 'u1',
    originatorDeptId: '-1',
    originatorDeptName: 'dingcorp',
    status: 'RUNNING',
    businessId: expect.stringMatching(/^202601021104\d{9}$/),
    bizAction: 'NONE',
    attachedProcessInstanceIds: [],
    ccUserIds: [],
    operationRecords: [
      {
        userId: 'u1',
        date: '2026-01-02T03:04Z',
        type: 'START_PROCESS_INSTANCE',
        result: 'NONE',
        attachments: [],
        ccUserIds: [],
        images: [],
      },
    ],
    tasks: [
      {
        taskId: expect.any(Number),
        userId: 'u2',
        status: 'RUNNING',
        createTime: '2026-01-02T03:04Z',
        mobileUrl: expect.stringContaining(`procInstId=${id}`),
        pcUrl: expect.stringContaining('taskId='),
        processInstanceId: id,
        activityId: 'activity_1',
        taskGroupName: '审批人',
      },
    ],
    formComponentValues: [
      { id: 'TextField-A', name: '工号', value: 'E123', componentType: 'TextField', bizAlias: 'emp_id' },
      { id: 'TextareaField-B', name: '备注', value: 'null', componentType: 'TextareaField', bizAlias: '' },
    ],
  });
});

test.each([
  ['agree', 'AGREE', true],
  ['refuse', 'REFUSE', false],
] as const)('when the only approver says %s the instance is completed with it', async (result, upper, agreed) => {
  const id = await service.createInstance();
  service.advance(120_000);
  expect(await service.decide(id, 'u2', result, '好的 🙂')).toEqual({
    status: 200,
    body: { result: agreed, success: true },
  });
  expect(await service.detail(id)).toMatchObject({
    status: 'COMPLETED',
    result,
    finishTime: '2026-01-02T03:06Z',
    tasks: [{ userId: 'u2', status: 'COMPLETED', result: upper, finishTime: '2026-01-02T03:06Z' }],
    operationRecords: [
      { type: 'START_PROCESS_INSTANCE' },
      { type: 'EXECUTE_TASK_NORMAL', userId: 'u2', result: upper, remark: '好的 🙂', showName: '审批人' },
    ],
  });
});

test('the steps of the caller come one after the other, and approverUserIds shows them', async () => {
  const approvers = [
    { actionType: 'AND', userIds: ['u2', 'u3'] },
    { actionType: 'OR', userIds: ['u1', 'u2'] },
  ];
  const id = await service.createInstance({ deptId: undefined, approvers });
  expect(await service.detail(id)).toMatchObject({ approverUserIds: ['u2', 'u3', 'u1', 'u2'], tasks: [{}, {}] });
  await service.decide(id, 'u3', 'agree');
  expect(await service.detail(id)).toMatchObject({ status: 'RUNNING', tasks: [{}, {}] });
  await service.decide(id, 'u2', 'agree');
  expect(await service.detail(id)).toMatchObject({ status: 'RUNNING', tasks: [{}, {}, {}, {}] });
  await service.decide(id, 'u2', 'agree');
  expect(await service.detail(id)).toMatchObject({
    status: 'COMPLETED',
    result: 'agree',
    tasks: [
      { userId: 'u2', status: 'COMPLETED' },
      { userId: 'u3', status: 'COMPLETED' },
      { userId: 'u1', status: 'CANCELED' },
      { userId: 'u2', status: 'COMPLETED', result: 'AGREE' },
    ],
  });
});

test('one refusal ends the instance whoever else was asked', async () => {
  const id = await service.createInstance({ approvers: [{ actionType: 'AND', userIds: ['u2', 'u3'] }] });
  await service.decide(id, 'u2', 'refuse');
  expect(await service.detail(id)).toMatchObject({
    status: 'COMPLETED',
    result: 'refuse',
    tasks: [{ result: 'REFUSE' }, { status: 'CANCELED' }],
  });
});

test.each([
  ['an unknown template', { processCode: 'PROC-NONE' }, 'processCodeError'],
  ['no originator', { originatorUserId: undefined }, 'invalidParameter'],
  ['an unknown originator', { originatorUserId: 'nobody' }, 'processInstanceInvalidParameter'],
  ['no department and no approvers', { deptId: undefined }, 'processInstanceInvalidParameter'],
  ['a department of other people', { deptId: 99 }, 'processInstanceInvalidParameter'],
  ['an unknown approver', { approvers: [{ actionType: 'NONE', userIds: ['x'] }] }, 'processInstanceInvalidParameter'],
  ['a single approval by two', { approvers: [{ actionType: 'NONE', userIds: ['u2', 'u3'] }] }, 'invalidParameter'],
  ['an unknown cc', { ccList: ['x'] }, 'processInstanceInvalidParameter'],
  ['no values', { formComponentValues: [] }, 'illegalComponent'],
  ['a value that is no text', { formComponentValues: [{ name: '工号', value: 5 }] }, 'illegalComponent'],
  ['a value without a name', { formComponentValues: [{ value: 'E1' }] }, 'illegalComponent'],
  ['a value too long', { formComponentValues: [{ name: '工号', value: 'x'.repeat(65_536) }] }, 'illegalComponent'],
  ['an unknown component', { formComponentValues: [{ name: '别的', value: 'E1' }] }, 'formConverterError'],
  ['a required component left out', { formComponentValues: [{ name: '备注', value: 'x' }] }, 'formConverterError'],
])('an instance with %s is refused', async (_name, fields, code) => {
  expect(await post('', instanceBody(fields))).toMatchObject({ status: 400, body: { code } });
});

test.each([
  ['by id', { id: 'TextField-A', value: 'E9' }],
  ['by business alias', { bizAlias: 'emp_id', value: 'E9' }],
  ['by label', { name: '工号', value: 'E9' }],
])('a value may be named %s', async (_name, value) => {
  const id = await service.createInstance({ deptId: 7, formComponentValues: [value] });
  expect(await service.detail(id)).toMatchObject({
    originatorDeptId: '7',
    originatorDeptName: '运维部',
    formComponentValues: [{ id: 'TextField-A', value: 'E9' }, {}],
  });
});

test.each([
  ['no instance', { processInstanceId: '' }, 'invalidInstanceId'],
  ['an unknown instance', { processInstanceId: 'x' }, 'aflowProcessNotExist'],
  ['no person', { actionerUserId: undefined }, 'invalidInstanceExecuteActionerUserId'],
  ['an unknown person', { actionerUserId: 'nobody' }, 'userNotExist'],
  ['no task', { taskId: undefined }, 'invalidInstanceExecuteTaskId'],
  ['an unknown task', { taskId: 1 }, 'aflowProcessInstCanNotBeExecuted'],
  ['the task of somebody else', { actionerUserId: 'u3' }, 'needAuth'],
  ['another result', { result: 'maybe' }, 'invalidInstanceExecuteResult'],
  ['a remark too long', { remark: '好'.repeat(1025) }, 'invalidParameter'],
])('execute with %s is refused', async (_name, fields, code) => {
  const processInstanceId = await service.createInstance();
  const { tasks } = await service.detail(processInstanceId);
  const [task] = tasks as { taskId: number }[];
  const body = { processInstanceId, actionerUserId: 'u2', taskId: task?.taskId, result: 'agree', ...fields };
  expect(await post('/execute', body)).toMatchObject({ status: 400, body: { code } });
});

test('a completed instance takes no more decisions', async () => {
  const id = await service.createInstance();
  await service.decide(id, 'u2', 'agree');
  expect(await service.decide(id, 'u2', 'refuse')).toMatchObject({
    status: 400,
    body: { code: 'aflowProcessInstStatusException' },
  });
});

describe('terminate', () => {
  test.each([
    ['by the originator', { operatingUserId: 'u1' }, 15_000, 200, { result: true, success: true }],
    ['by the system', { isSystem: true }, 15_000, 200, { result: true, success: true }],
    ['in the first 15 s', { operatingUserId: 'u1' }, 14_999, 400, { code: 'aflowProcessInstStatusException' }],
    ['by somebody else', { operatingUserId: 'u2' }, 15_000, 400, { code: 'internalError' }],
    ['by a stranger', { operatingUserId: 'x' }, 15_000, 400, { code: 'userNotExist' }],
    ['by nobody', {}, 15_000, 400, { code: 'invalidInstanceTerminateOperatingUserId' }],
    ['with a wrong isSystem', { isSystem: 'yes' }, 15_000, 400, { code: 'invalidInstanceTerminateIsSystem' }],
  ])('%s', async (_name, fields, afterMs, status, body) => {
    const processInstanceId = await service.createInstance();
    service.advance(afterMs);
    const answer = await post('/terminate', { processInstanceId, remark: '算了', ...fields });
    expect(answer).toMatchObject({ status, body });
    expect(await service.detail(processInstanceId)).toMatchObject(
      status === 200
        ? { status: 'TERMINATED', tasks: [{ status: 'CANCELED' }] }
        : { status: 'RUNNING', tasks: [{ status: 'RUNNING' }] },
    );
  });

  test('a completed instance stays as it is', async () => {
    const processInstanceId = await service.createInstance();
    await service.decide(processInstanceId, 'u2', 'agree');
    service.advance(60_000);
    const answer = await post('/terminate', { processInstanceId, isSystem: true });
    expect(answer).toMatchObject({ status: 400, body: { code: 'aflowProcessInstStatusException' } });
  });
});

test.each([
  ['/v1.0/workflow/processInstances', 'processInstanceIdError'],
  ['/v1.0/workflow/processInstances?processInstanceId=x', 'processInstanceNotExist'],
])('the detail %s is refused', async (path, code) => {
  expect(await service.newApi('GET', path)).toMatchObject({ status: 400, body: { code } });
});

test('an approved instance can be revoked or modified: a new one is attached to it', async () => {
  const main = await service.createInstance();
  expect(() => service.dingtalk.attachInstance(main, 'REVOKE')).toThrow('is no approved instance');
  await service.decide(main, 'u2', 'agree');
  const attached = service.dingtalk.attachInstance(main, 'REVOKE');
  expect(await service.detail(main)).toMatchObject({ bizAction: 'NONE', attachedProcessInstanceIds: [attached] });
  expect(await service.detail(attached)).toMatchObject({
    bizAction: 'REVOKE',
    mainProcessInstanceId: main,
    status: 'RUNNING',
    formComponentValues: [{ value: 'E123' }, {}],
  });
  await service.decide(attached, 'u2', 'agree');
  expect(await service.detail(attached)).toMatchObject({ status: 'COMPLETED', result: 'agree' });
});

test('success is a boolean, or the documented text if the organisation says so', async () => {
  const path = async (running: Running) =>
    `/v1.0/workflow/processInstances?processInstanceId=${await running.createInstance()}`;
  expect(await service.newApi('GET', await path(service))).toMatchObject({ body: { success: true } });
  const other = await startDingtalk({ organisation: { ...ORGANISATION, successAsText: true } });
  expect(await other.newApi('GET', await path(other))).toMatchObject({ body: { success: 'true' } });
  await other.close();
});

test('the schema of a template lists its components', async () => {
  const path = '/v1.0/workflow/forms/schemas/processCodes?processCode=';
  expect(await service.newApi('GET', `${path}${PROCESS_CODE}`)).toMatchObject({
    status: 200,
    body: {
      result: {
        formCode: PROCESS_CODE,
        name: '入职',
        schemaContent: {
          items: [
            {
              componentName: 'TextField',
              props: { id: 'TextField-A', label: '工号', bizAlias: 'emp_id', required: true },
            },
            { componentName: 'TextareaField', props: { id: 'TextareaField-B', label: '备注', required: false } },
          ],
        },
      },
    },
  });
  expect(await service.newApi('GET', `${path}PROC-NONE`)).toMatchObject({
    status: 400,
    body: { code: 'formNotExist' },
  });
  expect(await service.newApi('GET', path)).toMatchObject({ status: 400, body: { code: 'invalidParameter' } });
});
