import { listApproved } from '../../../../shared/platforms/lark/list-approved.ts';
import { CODE } from './instance-detail.ts';
import { NOW, ok, outcomeOf, type Respond, refusal, type Scripted, startScripted } from './scripted-lark.ts';

let scripted: Scripted;
afterEach(() => scripted?.close());

const DAY_MS = 24 * 3600_000;
const items = (...codes: string[]) =>
  codes.map((code) => ({ approval: { code: CODE }, instance: { code, status: 'approved' } }));

async function list(respond: Respond, since = NOW - 14 * DAY_MS): Promise<string[]> {
  scripted = await startScripted(respond);
  return listApproved(scripted, CODE, since);
}
const bodies = () => scripted.requests.map(({ body }) => JSON.parse(body.toString()));

test('the approved instances of a definition since a time are asked for', async () => {
  expect(await list(() => ok({ count: 2, instance_list: items('A-1', 'A-2'), has_more: false }))).toEqual([
    'A-1',
    'A-2',
  ]);
  expect(scripted.requests).toMatchObject([
    { method: 'POST', rawPath: '/open-apis/approval/v4/instances/query', rawQuery: 'page_size=200' },
  ]);
  expect(bodies()).toEqual([
    {
      approval_code: CODE,
      instance_status: 'APPROVED',
      instance_start_time_from: String(NOW - 14 * DAY_MS),
      instance_start_time_to: String(NOW),
    },
  ]);
});

test('no more than thirty days are asked for, which is what the platform answers', async () => {
  await list(() => ok({ instance_list: [] }), 0);
  expect(bodies()[0].instance_start_time_from).toBe(String(NOW - 30 * DAY_MS));
});

test('every page is read', async () => {
  const pages = [['A-1'], [], ['A-3']];
  const respond: Respond = ({ query }) => {
    const page = Number(query.get('page_token') ?? 0);
    return ok({ instance_list: items(...(pages[page] ?? [])), page_token: String(page + 1), has_more: page < 2 });
  };
  expect(await list(respond)).toEqual(['A-1', 'A-3']);
  expect(scripted.requests.map(({ rawQuery }) => rawQuery)).toEqual([
    'page_size=200',
    'page_size=200&page_token=1',
    'page_size=200&page_token=2',
  ]);
});

test('pages end somewhere', async () => {
  await list(() => ok({ instance_list: items('A'), page_token: 'again', has_more: true }));
  expect(scripted.requests).toHaveLength(50);
});

test.each<[string, object, string[]]>([
  ['no list', {}, []],
  ['a list that is null', { instance_list: null }, []],
  ['codes that are no ids', { instance_list: items('../x', '', 'A-1') }, ['A-1']],
  ['more, and no way to it', { instance_list: items('A'), has_more: true }, ['A']],
  ['more, and nothing as the way to it', { instance_list: items('A'), has_more: true, page_token: '' }, ['A']],
])('with %s the list is what there is', async (_, data, expected) => {
  expect(await list(() => ok(data))).toEqual(expected);
});

test('a refusal goes up', async () => {
  expect(await outcomeOf(list(() => refusal(400, 99991672)))).toMatchObject({ code: 'lark.99991672' });
});
