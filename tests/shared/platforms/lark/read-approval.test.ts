import type { HttpResponse } from '../../../../local/http/server.ts';
import { readApproval } from '../../../../shared/platforms/lark/read-approval.ts';
import type { ApprovalHint, ReadApproval } from '../../../../shared/platforms/platform.ts';
import { CODE, DETAIL, entry, HINT, INSTANCE, NAMES } from './instance-detail.ts';
import { html, json, ok, outcomeOf, type Respond, refusal, type Scripted, startScripted } from './scripted-lark.ts';

let scripted: Scripted;
afterEach(() => scripted?.close());

const DETAIL_PATH = '/open-apis/approval/v4/instances/';
const USER_PATH = '/open-apis/contact/v3/users/';

const nameOf: Respond = ({ rawPath }) => ok({ user: { name: NAMES[rawPath.slice(USER_PATH.length)] } });

/** Reads the documented instance, but for these changes. */
async function read(
  changes: object = {},
  { hint = HINT, users = nameOf, signal }: { hint?: ApprovalHint; users?: Respond; signal?: AbortSignal } = {},
): Promise<ReadApproval> {
  const detail = { ...DETAIL, ...changes };
  return readFrom((request, abort) => (request.rawPath.startsWith(DETAIL_PATH) ? ok(detail) : users(request, abort)), {
    hint,
    ...(signal && { signal }),
  });
}

async function readFrom(
  respond: Respond,
  { hint = HINT, signal }: { hint?: ApprovalHint; signal?: AbortSignal } = {},
): Promise<ReadApproval> {
  scripted = await startScripted(respond);
  return readApproval(scripted.client, hint, signal);
}

async function approvalOf(...options: Parameters<typeof read>) {
  const result = await read(...options);
  if (result.kind !== 'approval') throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.approval;
}

test('an approved instance is read as a whole', async () => {
  expect(await read()).toEqual({
    kind: 'approval',
    approval: {
      instance_id: INSTANCE,
      code: CODE,
      title: '入职',
      number: '202601020001',
      state: 'approved',
      kind: 'original',
      about: undefined,
      attached: [],
      requester: { id: 'ou_1', name: '张三' },
      approvers: [{ id: 'ou_2', name: '李四', at: '2026-01-02T03:04:05.678Z' }],
      fields: [
        { names: ['emp_id', 'widget1', '工号'], value: 'E123' },
        { names: ['', 'widget2', '备注'], value: '入职 🎉' },
      ],
    },
  });
  const seen = scripted.requests.map(({ method, rawPath, rawQuery }) => `${method} ${rawPath}?${rawQuery}`);
  expect(seen.sort()).toEqual([
    `GET ${DETAIL_PATH}${INSTANCE}?`,
    `GET ${USER_PATH}ou_1?user_id_type=open_id`,
    `GET ${USER_PATH}ou_2?user_id_type=open_id`,
  ]);
});

test.each<[string, unknown, string]>([
  ['APPROVED', false, 'approved'],
  ['APPROVED', undefined, 'approved'],
  ['APPROVED', null, 'approved'],
  ['CANCELED', true, 'revoked'],
  ['APPROVED', true, 'revoked'],
  ['PENDING', false, 'pending'],
  ['CANCELED', false, 'not approved'],
  ['REJECTED', false, 'not approved'],
  ['DELETED', false, 'not approved'],
  ['approved', false, 'not approved'],
  ['REVERTED', false, 'not approved'],
  ['OVERTIME_CLOSE', false, 'not approved'],
  ['已通过 🎉', false, 'not approved'],
])('with status %s and reverted %j the state is %s', async (status, reverted, state) => {
  expect((await approvalOf({ status, reverted })).state).toBe(state);
});

test.each<[object, string, string | undefined]>([
  [{}, 'original', undefined],
  [{ reverted_instance_code: '', modified_instance_code: '' }, 'original', undefined],
  [{ reverted_instance_code: null, modified_instance_code: null }, 'original', undefined],
  [{ reverted_instance_code: 'A-1' }, 'revocation', 'A-1'],
  [{ modified_instance_code: 'A-1' }, 'modification', 'A-1'],
  [{ reverted_instance_code: 'A-1', modified_instance_code: 'A-2' }, 'revocation', 'A-1'],
  [{ reverted_instance_code: '../A' }, 'revocation', undefined],
])('with %j it is of the kind %s, about %s', async (changes, kind, about) => {
  expect(await approvalOf(changes)).toMatchObject({ kind, about, attached: [] });
});

test.each<[string, object[], string[]]>([
  ['agreed', [entry('PASS', 'ou_2')], ['ou_2']],
  ['agreed one after the other', [entry('PASS', 'ou_3'), entry('PASS', 'ou_2')], ['ou_3', 'ou_2']],
  ['agreed twice', [entry('PASS', 'ou_2'), entry('PASS', 'ou_3'), entry('PASS', 'ou_2')], ['ou_2', 'ou_3']],
  ['agreed, newest first', [entry('PASS', 'ou_3', '1767323045679'), entry('PASS', 'ou_2')], ['ou_2', 'ou_3']],
  ['asked for it and agreed', [entry('PASS', 'ou_1'), entry('PASS', 'ou_2')], ['ou_1', 'ou_2']],
  ['is a rule of the definition', [entry('AUTO_PASS', 'ou_2'), entry('AUTO_PASS', null)], []],
  ['is left out as a repetition', [entry('REMOVE_REPEAT', 'ou_2')], []],
  ['is nobody', [entry('PASS', ''), entry('PASS', null), entry('PASS', undefined)], []],
  ['refused', [entry('REJECT', 'ou_2'), entry('AUTO_REJECT', 'ou_3')], []],
  ['handed it on', [entry('TRANSFER', 'ou_2')], []],
  [
    'added somebody',
    ['ADD_APPROVER_BEFORE', 'ADD_APPROVER', 'ADD_APPROVER_AFTER'].map((type) => entry(type, 'ou_2')),
    [],
  ],
  ['was only told', [entry('CC', 'ou_2')], []],
  ['started, withdrew or deleted it', ['START', 'CANCEL', 'DELETE'].map((type) => entry(type, 'ou_1')), []],
  ['does something new', [entry('pass', 'ou_2'), entry('PASSED', 'ou_2')], []],
  [
    'agreed before it was sent back does not count',
    [entry('PASS', 'ou_2'), entry('ROLLBACK', 'ou_3'), entry('PASS', 'ou_3')],
    ['ou_3'],
  ],
  [
    'agreed before it was sent back to one step, and again, counts',
    [entry('PASS', 'ou_2'), entry('PASS', 'ou_3'), entry('ROLLBACK_SELECTED', 'ou_3'), entry('PASS', 'ou_2')],
    ['ou_2'],
  ],
])('approvers: who %s', async (_, timeline, ids) => {
  expect((await approvalOf({ timeline })).approvers.map(({ id }) => id)).toEqual(ids);
});

test.each<[string, string | null, string]>([
  ['milliseconds', '1767323045678', '2026-01-02T03:04:05.678Z'],
  ['words', '刚刚', '刚刚'],
  ['none', null, ''],
])('the time of an agreement is shown for %s', async (_, time, at) => {
  expect((await approvalOf({ timeline: [entry('PASS', 'ou_2', time)] })).approvers).toMatchObject([{ at }]);
});

describe('the definition', () => {
  test.each([
    ['another one', 'A-1'],
    ['one that does not exist', 'PROC-中文 🙂'],
    ['the same in small letters', CODE.toLowerCase()],
  ])('is refused where the callback named %s', async (_, code) => {
    expect(await read({}, { hint: { ...HINT, code } })).toEqual({
      kind: 'refused',
      refusal: { code: 'template_mismatch', values: { code } },
    });
    expect(scripted.requests).toHaveLength(1);
  });

  test('an instance that answers to another name is refused, for it would be two requests', async () => {
    expect(await read({}, { hint: { ...HINT, instance_id: 'chosen-by-the-requester' } })).toEqual({
      kind: 'refused',
      refusal: { code: 'approval_unreadable', values: { error: 'lark.other_instance' } },
    });
  });
});

describe('names', () => {
  test.each<[string, HttpResponse]>([
    ['nobody of this id is known', refusal(400, 41012)],
    ['the person is outside the app’s range', refusal(400, 41050)],
    ['the app lacks the permission', refusal(400, 99991672)],
    ['the app lacks the permission for this field', ok({ user: { open_id: 'ou_1' } })],
    ['the name is empty', ok({ user: { name: '' } })],
    ['the platform is busy', refusal(429, 99991400)],
    ['the answer is HTML', html(200)],
    ['the answer is empty', { status: 200, body: '' }],
  ])('fall back to ids where %s', async (_, answer) => {
    const { requester, approvers } = await approvalOf({}, { users: () => answer });
    expect([requester, ...approvers]).toMatchObject([
      { id: 'ou_1', name: 'ou_1' },
      { id: 'ou_2', name: 'ou_2' },
    ]);
  });

  test('are asked for once a person', async () => {
    await read({ timeline: [entry('PASS', 'ou_1'), entry('PASS', 'ou_2'), entry('PASS', 'ou_2')] });
    expect(scripted.requests.filter(({ rawPath }) => rawPath.startsWith(USER_PATH))).toHaveLength(2);
  });
});

describe('when the platform', () => {
  test.each<[string, HttpResponse, string]>([
    ['throttles', refusal(429, 99991400), 'lark.99991400'],
    ['breaks', refusal(400, 1395001), 'lark.1395001'],
    ['has used up the month', refusal(400, 99991403), 'lark.99991403'],
    ['answers HTML', html(200), 'lark.bad_answer'],
    ['answers nothing', { status: 200, body: '' }, 'lark.bad_answer'],
    ['answers something else', ok({}), 'lark.bad_answer'],
    ['answers with a form that is none', ok({ ...DETAIL, form: 'E123' }), 'lark.bad_answer'],
    ['answers with a form that is an object', ok({ ...DETAIL, form: '{}' }), 'lark.bad_answer'],
    ['answers with a form that is not text', ok({ ...DETAIL, form: [] }), 'lark.bad_answer'],
    ['answers with a form without end', ok({ ...DETAIL, form: '['.repeat(50_000) }), 'lark.bad_answer'],
    ['answers with half a form', ok({ ...DETAIL, form: DETAIL.form.slice(0, -5) }), 'lark.bad_answer'],
    ['answers with a timeline that is none', ok({ ...DETAIL, timeline: 'PASS' }), 'lark.bad_answer'],
    ['answers with a requester that is none', ok({ ...DETAIL, open_id: 7 }), 'lark.bad_answer'],
    ['answers with reverted as text', ok({ ...DETAIL, reverted: 'false' }), 'lark.bad_answer'],
  ])('%s, reading fails as transient', async (_, answer, code) => {
    expect(await outcomeOf(readFrom(() => answer))).toMatchObject({ name: 'TransientError', code });
  });

  test.each([
    [400, 1390001],
    [400, 1390003],
    [403, 1390009],
    [400, 99991672],
    [400, 99992361],
  ])('refuses with %i %i, the approval is refused as unreadable', async (status, code) => {
    expect(await readFrom(() => refusal(status, code))).toEqual({
      kind: 'refused',
      refusal: { code: 'approval_unreadable', values: { error: `lark.${code}` } },
    });
  });
});

test('nothing but what is needed must be in a detail', async () => {
  const { approval_code, instance_code, status, open_id } = DETAIL;
  const detail = { approval_code, instance_code, status, open_id, form: '[{}]' };
  const respond: Respond = ({ rawPath }) => (rawPath.startsWith(DETAIL_PATH) ? ok(detail) : json(404, {}));
  expect(await readFrom(respond)).toMatchObject({
    kind: 'approval',
    approval: { title: '', number: '', approvers: [], fields: [{ names: ['', '', ''], value: '' }] },
  });
});

test('an id never leads to another path', async () => {
  await outcomeOf(readFrom(() => refusal(400, 1390003), { hint: { ...HINT, instance_id: '../../x?y' } }));
  expect(scripted.requests.map(({ rawPath }) => rawPath)).toEqual([`${DETAIL_PATH}..%2F..%2Fx%3Fy`]);
});

test('a token that has run out is replaced on the way', async () => {
  let refused = false;
  const respond: Respond = (request, signal) => {
    if (!request.rawPath.startsWith(DETAIL_PATH)) return nameOf(request, signal);
    if (refused) return ok(DETAIL);
    refused = true;
    return refusal(400, 99991663);
  };
  expect(await readFrom(respond)).toMatchObject({ kind: 'approval' });
  expect(scripted.tokenRequests).toHaveLength(2);
});

test('a signal ends it', async () => {
  const abort = new AbortController();
  const reading = outcomeOf(readFrom(() => new Promise(() => undefined), { signal: abort.signal }));
  setTimeout(() => abort.abort(), 50);
  expect(await reading).toMatchObject({ name: 'TransientError', code: 'lark.unreachable' });
});
