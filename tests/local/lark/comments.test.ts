import { dataOf, type Json, type Running, startLark } from './start-lark.ts';

let service: Running;
let instance: string;
beforeEach(async () => {
  service = await startLark();
  instance = await service.createInstance({ uuid: 'mine' });
});
afterEach(() => service.close());

const content = (text: string) => JSON.stringify({ text });
const comments = (id = instance) => `approval/v4/instances/${id}/comments`;
const create = (fields: Json, query = 'user_id=ou_3') => service.api('POST', `${comments()}?${query}`, fields);
const list = async (query = 'user_id=ou_1') => dataOf((await service.api('GET', `${comments()}?${query}`)).body);
const idOf = ({ body }: { body: Json }) => String(dataOf(body).comment_id);

test('the official SDK comments, answers, edits and deletes; the list keeps what was deleted', async () => {
  const { instanceComment } = service.client.approval;
  const write = async (data: Json) => {
    const path = { instance_id: instance };
    const params = { user_id: 'u3', user_id_type: 'user_id' as const };
    return String((await instanceComment.create({ path, params, data })).data?.comment_id);
  };
  const at_info_list = [{ user_id: 'u1', name: '张三', offset: '0' }];
  const first = await write({ content: content('@张三 开通完成 🙂'), at_info_list, extra: '{"a":"a"}' });
  expect(first).toMatch(/^7\d{18}$/);
  const reply = await write({ content: content('回复'), parent_comment_id: first });
  service.advance(1_000);
  expect(await write({ content: content('改了'), comment_id: first })).toBe(first);
  const path = { instance_id: instance, comment_id: reply };
  const deleted = await instanceComment.delete({ path, params: { user_id: 'ou_3' } });
  expect(deleted.data).toEqual({ comment_id: reply });
  const common = { update_time: '1767323046678', create_time: '1767323045678', commentator: 'ou_3' };
  expect(await list()).toEqual({
    comments: [
      {
        ...common,
        id: first,
        content: content('改了'),
        is_delete: 0,
        at_info_list: [],
        extra: '',
        replies: [{ ...common, id: reply, content: content('回复'), is_delete: 1, at_info_list: [], extra: '' }],
      },
    ],
  });
  expect(await service.detail(instance)).toMatchObject({
    comment_list: [{ id: first, user_id: 'u3', open_id: 'ou_3', comment: '改了', create_time: '1767323045678' }],
  });
});

test('nothing makes a second comment the same as the first', async () => {
  const once = await create({ content: content('x') });
  const twice = await create({ content: content('x') });
  expect(idOf(once)).not.toBe(idOf(twice));
  expect(await service.detail('mine')).toMatchObject({ comment_list: [{ comment: 'x' }, { comment: 'x' }] });
});

test.each([
  ['nobody', { content: content('x') }, '', 1390001],
  ['an unknown person', { content: content('x') }, 'user_id=ou_9', 1390001],
  ['an id of another kind', { content: content('x') }, 'user_id=u3', 1390001],
  ['no content', {}, 'user_id=ou_3', 1390001],
  ['content that is no JSON', { content: 'x' }, 'user_id=ou_3', 1390001],
  ['an unknown comment to edit', { content: content('x'), comment_id: '7' }, 'user_id=ou_3', 1390001],
  ['an unknown comment to answer', { content: content('x'), parent_comment_id: '7' }, 'user_id=ou_3', 1390001],
])('a comment with %s is refused', async (_name, fields, query, code) => {
  expect(await create(fields, query)).toMatchObject({ status: 400, body: { code } });
  expect(await list()).toEqual({ comments: [] });
});

test('nobody changes the comment of somebody else', async () => {
  const comment_id = idOf(await create({ content: content('mine') }));
  expect(await create({ content: content('x'), comment_id }, 'user_id=ou_1')).toMatchObject({
    body: { code: 1390001 },
  });
  expect(await service.api('DELETE', `${comments()}/${comment_id}?user_id=ou_1`)).toMatchObject({
    status: 400,
    body: { code: 1390001 },
  });
});

test('comments are listed page by page, and all go at once', async () => {
  for (const text of ['1', '2', '3']) await create({ content: content(text) });
  const first = await list('user_id=u1&user_id_type=user_id&page_size=2');
  expect(first).toMatchObject({ comments: [{ commentator: 'u3' }, {}], page_token: '2' });
  expect(await list('user_id=ou_1&page_size=2&page_token=2')).toMatchObject({ comments: [{ content: content('3') }] });
  expect(await service.api('POST', `${comments()}/remove?user_id=ou_1`)).toMatchObject({
    body: { code: 0, data: { instance_id: instance } },
  });
  expect(await list()).toEqual({ comments: [] });
  expect(await service.api('GET', `${comments('none')}?user_id=ou_1`)).toMatchObject({ body: { code: 1390003 } });
});
