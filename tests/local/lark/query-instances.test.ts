import { APPROVAL_CODE, dataOf, type Json, type Running, START, startLark } from './start-lark.ts';

let running: Running;
beforeEach(async () => {
  running = await startLark();
});
afterEach(() => running.close());

const DAY_MS = 24 * 3_600_000;

async function query(body: Json, paging = '') {
  const answer = await running.api('POST', `approval/v4/instances/query${paging}`, body);
  return { code: answer.body.code, ...dataOf(answer.body) };
}
const codesOf = (data: object) => JSON.stringify(data).match(/(?<="instance":\{"code":")[^"]+/g) ?? [];

test('the instances of a definition are found by status and time, but not those that were revoked', async () => {
  const [pending, approved, rejected, revoked] = [
    await running.createInstance(),
    await running.createInstance(),
    await running.createInstance(),
    await running.createInstance(),
  ];
  for (const code of [approved, revoked]) running.lark.decide(code, { userId: 'u2', approved: true });
  running.lark.decide(rejected, { userId: 'u2', approved: false });
  running.lark.revert(revoked);
  const find = async (changes: Json) => codesOf(await query({ approval_code: APPROVAL_CODE, ...changes }));
  expect(await find({})).toEqual([pending, approved, rejected]);
  expect(await find({ instance_status: 'APPROVED' })).toEqual([approved]);
  expect(await find({ instance_status: 'REJECT' })).toEqual([rejected]);
  const before = { instance_start_time_from: String(START - DAY_MS), instance_start_time_to: String(START - 1) };
  expect(await find(before)).toEqual([]);
  expect(codesOf(await query({ instance_code: approved }))).toEqual([approved]);
});

test('the answer has the documented shape, page by page', async () => {
  const codes: string[] = [];
  for (let count = 0; count < 6; count += 1) codes.push(await running.createInstance());
  const first = await query({ approval_code: APPROVAL_CODE }, '?page_size=5');
  expect(first).toMatchObject({
    code: 0,
    count: 6,
    has_more: true,
    page_token: '5',
    instance_list: Array.from({ length: 5 }, (_, index) => ({
      approval: { code: APPROVAL_CODE, name: '入职', is_external: false },
      instance: { code: codes[index], user_id: 'u1', status: 'pending', start_time: String(START), end_time: '0' },
    })),
  });
  const second = await query({ approval_code: APPROVAL_CODE }, '?page_size=5&page_token=5');
  expect([codesOf(second), second]).toMatchObject([codes.slice(5), { has_more: false }]);
});

test.each<[string, Json, number]>([
  ['nothing to look for', { instance_status: 'APPROVED' }, 1390001],
  ['an unknown definition', { approval_code: 'A-1' }, 1390002],
  ['an unknown status', { approval_code: APPROVAL_CODE, instance_status: 'CANCELED' }, 1390001],
  ['one end of the time', { approval_code: APPROVAL_CODE, instance_start_time_from: String(START) }, 1390001],
  [
    'more than thirty days',
    {
      approval_code: APPROVAL_CODE,
      instance_start_time_from: String(START - 31 * DAY_MS),
      instance_start_time_to: String(START),
    },
    1390001,
  ],
])('%s is refused', async (_, body, code) => {
  expect((await query(body)).code).toBe(code);
});
