import { CHAT_ID, dataOf, type Json, ORGANISATION, type Running, startLark } from './start-lark.ts';

const SILENT = 'oc_00000000000000000000000000000001';
const GONE = 'oc_00000000000000000000000000000002';
const STRANGE = 'oc_00000000000000000000000000000003';
const chats = [
  { chat_id: CHAT_ID, name: 'it-ops' },
  { chat_id: SILENT, name: 'silent', muted: true },
  { chat_id: GONE, name: 'gone', dissolved: true },
  { chat_id: STRANGE, name: 'strange', bot: false },
];

let service: Running;
beforeEach(async () => {
  service = await startLark({ organisation: { ...ORGANISATION, chats } });
});
afterEach(() => service.close());

const card = (content: string, fields: Json = {}) =>
  JSON.stringify({
    config: { update_multi: true },
    elements: [{ tag: 'div', text: { tag: 'plain_text', content } }],
    ...fields,
  });
const text = (content: string) => JSON.stringify({ text: content });
const send = (fields: Json = {}, type = 'chat_id') =>
  service.api('POST', `im/v1/messages?receive_id_type=${type}`, {
    receive_id: CHAT_ID,
    msg_type: 'interactive',
    content: card('开通 🙂'),
    ...fields,
  });
const patch = (id: string, content: string) => service.api('PATCH', `im/v1/messages/${id}`, { content });
const idOf = ({ body }: { body: Json }) => String(dataOf(body).message_id);
const shown = () => service.lark.messages().map(({ content }) => content);

test('the official SDK sends a card, replies to it, replaces it and reads it', async () => {
  const { message } = service.client.im;
  const data = { receive_id: CHAT_ID, msg_type: 'interactive', content: card('开通中 🙂'), uuid: 'request-1' };
  const sent = await message.create({ params: { receive_id_type: 'chat_id' }, data });
  const message_id = String(sent.data?.message_id);
  expect(sent.data).toEqual({
    message_id: expect.stringMatching(/^om_[0-9a-f]{32}$/),
    msg_type: 'interactive',
    create_time: '1767323045678',
    update_time: '1767323045678',
    deleted: false,
    updated: false,
    chat_id: CHAT_ID,
    sender: { id: 'cli_9f427eec54ae901b', id_type: 'app_id', sender_type: 'app', tenant_key: '736588c9260f175e' },
    body: { content: card('开通中 🙂') },
  });
  const reply = { msg_type: 'text', content: text('好') };
  const replied = await message.reply({ path: { message_id }, data: reply });
  expect(replied.data).toMatchObject({ root_id: message_id, parent_id: message_id, chat_id: CHAT_ID });
  service.advance(60_000);
  expect(await message.patch({ path: { message_id }, data: { content: card('开通完成') } })).toMatchObject({ code: 0 });
  const read = await message.get({ path: { message_id } });
  expect(read.data?.items).toMatchObject([
    { message_id, updated: true, update_time: '1767323105678', body: { content: card('开通完成') } },
  ]);
  expect(service.lark.messages()).toMatchObject([
    { chat: 'it-ops', msg_type: 'interactive', content: card('开通完成'), updates: 1 },
    { chat: 'it-ops', msg_type: 'text', content: text('好') },
  ]);
});

test('a reply can open a thread, and replies in it stay there', async () => {
  const root = idOf(await send());
  const reply = (id: string, fields: Json = {}) =>
    service.api('POST', `im/v1/messages/${id}/reply`, { msg_type: 'text', content: text('x'), ...fields });
  const first = await reply(root, { reply_in_thread: true });
  const thread_id = expect.stringMatching(/^omt_/);
  expect(dataOf(first.body)).toMatchObject({ root_id: root, parent_id: root, thread_id });
  const second = await reply(idOf(first));
  expect(dataOf(second.body)).toMatchObject({ root_id: root, parent_id: idOf(first), thread_id });
  expect(await reply('om_none')).toMatchObject({ status: 400, body: { code: 99992354 } });
});

test('a uuid shows one message an hour, and answers with it', async () => {
  const first = idOf(await send({ uuid: 'one' }));
  expect(idOf(await send({ uuid: 'one', content: card('other') }))).toBe(first);
  expect(shown()).toEqual([card('开通 🙂')]);
  service.advance(3_599_999);
  expect(idOf(await send({ uuid: 'one' }))).toBe(first);
  service.advance(1);
  expect(idOf(await send({ uuid: 'one' }))).not.toBe(first);
  expect(await send({ uuid: 'u'.repeat(50) })).toMatchObject({ status: 200 });
  expect(await send({ uuid: 'u'.repeat(51) })).toMatchObject({ status: 400, body: { code: 230001 } });
});

test.each([
  ['open_id', 'ou_2', '李四'],
  ['user_id', 'u2', '李四'],
  ['email', 'zhangsan@example.com', '张三'],
])('a person can be named by %s', async (type, receive_id, chat) => {
  const sent = await send({ receive_id, msg_type: 'text', content: text('好') }, type);
  expect(sent.status).toBe(200);
  expect(service.lark.messages()).toMatchObject([{ chat, chat_id: expect.stringMatching(/^oc_[0-9a-f]{32}$/) }]);
  const { chat_id } = dataOf(sent.body);
  expect(await send({ receive_id: chat_id })).toMatchObject({ status: 200 });
});

const V2 = { schema: '2.0', elements: undefined };
const button = { tag: 'action', actions: [] };

test.each([
  ['a kind of receiver that does not exist', {}, 'name', 230001],
  ['an unknown person', { receive_id: 'ou_9' }, 'open_id', 230034],
  ['an id that is no chat', { receive_id: 'ou_1' }, 'chat_id', 230034],
  ['an unknown chat', { receive_id: 'oc_9' }, 'chat_id', 230002],
  ['a chat without the bot', { receive_id: STRANGE }, 'chat_id', 230002],
  ['a silent chat', { receive_id: SILENT }, 'chat_id', 230018],
  ['a dissolved chat', { receive_id: GONE }, 'chat_id', 232009],
  ['no content', { content: '' }, 'chat_id', 230001],
  ['content that is an object', { content: {} }, 'chat_id', 230001],
  ['another type', { msg_type: 'picture' }, 'chat_id', 230001],
  ['a text that is no JSON', { msg_type: 'text', content: 'x' }, 'chat_id', 230001],
  ['a card that is no JSON', { content: '{' }, 'chat_id', 230099],
  ['a card without elements', { content: '{}' }, 'chat_id', 230099],
  ['a card 2.0 with elements of 1.0', { content: card('x', { schema: '2.0' }) }, 'chat_id', 230099],
  ['a card 2.0 with an action', { content: card('x', { ...V2, body: { elements: [button] } }) }, 'chat_id', 230099],
])('a message with %s is refused', async (_name, fields, type, code) => {
  expect(await send(fields, type)).toMatchObject({ status: 400, body: { code } });
  expect(shown()).toEqual([]);
});

test('the inner code of a bad card stands in the text', async () => {
  const content = card('x', { ...V2, body: { elements: [button] } });
  const { body } = await send({ content });
  expect(body.msg).toBe(
    'Failed to create card content, ext=ErrCode: 200861; ErrMsg: cards of schema V2 no longer support this capability; ErrorValue: unsupported tag action; ',
  );
});

test.each([
  ['text', 150, text],
  ['interactive', 30, card],
] as const)('a %s message may have %i KB, counted in bytes of the request', async (msg_type, kilobytes, content) => {
  const request = (length: number) => ({ receive_id: CHAT_ID, msg_type, content: content('好'.repeat(length)) });
  const room = kilobytes * 1024 - Buffer.byteLength(JSON.stringify(request(0)));
  const most = Math.floor(room / 3);
  expect(await send(request(most))).toMatchObject({ status: 200 });
  expect(await send(request(most + 1))).toMatchObject({ status: 400, body: { code: 230025 } });
});

test('a chat takes five messages a second, whoever sends them', async () => {
  for (let count = 0; count < 5; count += 1) expect((await send()).status).toBe(200);
  expect(await send()).toMatchObject({ status: 400, body: { code: 230020 } });
  expect(await send({ receive_id: 'ou_2' }, 'open_id')).toMatchObject({ status: 200 });
  service.advance(1_000);
  expect(await send()).toMatchObject({ status: 200 });
});

describe('replacing a card', () => {
  test('works five times a second for one message', async () => {
    const [one, other] = [idOf(await send()), idOf(await send())];
    for (let count = 0; count < 5; count += 1) expect((await patch(one, card(`${count}`))).status).toBe(200);
    expect(await patch(one, card('6'))).toMatchObject({ status: 400, body: { code: 230020 } });
    expect(await patch(other, card('6'))).toMatchObject({ status: 200, body: { code: 0, msg: 'ok', data: {} } });
    service.advance(999);
    expect(await patch(one, card('7'))).toMatchObject({ body: { code: 230020 } });
    service.advance(1);
    expect(await patch(one, card('8'))).toMatchObject({ status: 200 });
    expect(shown()).toEqual([card('8'), card('6')]);
  });

  test('ends after 14 days', async () => {
    const id = idOf(await send());
    service.advance(1_209_600_000);
    expect(await patch(id, card('in time'))).toMatchObject({ status: 200 });
    service.advance(1);
    expect(await patch(id, card('late'))).toMatchObject({ status: 400, body: { code: 230031 } });
    expect(shown()).toEqual([card('in time')]);
  });

  const two = JSON.stringify({ schema: '2.0', body: { elements: [{ tag: 'markdown', content: 'x' }] } });
  const alone = card('x', { config: {} });

  test.each([
    ['a shared card by a shared one', card('a'), card('b'), 200, 0],
    ['a card 2.0 by another, which are shared by themselves', two, two, 200, 0],
    ['a card that was not shared', alone, card('b'), 400, 230001],
    ['a shared card by one that is not', card('a'), alone, 400, 230001],
    ['a card 2.0 by one of 1.0', two, card('b'), 400, 230099],
    ['a card by no card', card('a'), '{}', 400, 230099],
    ['a card by nothing', card('a'), '', 400, 230001],
  ])('of %s', async (_name, before, after, status, code) => {
    const id = idOf(await send({ content: before }));
    expect(await patch(id, after)).toMatchObject({ status, body: { code } });
    expect(shown()).toEqual([status === 200 ? after : before]);
  });

  test('needs a card that is there', async () => {
    const id = idOf(await send({ msg_type: 'text', content: text('x') }));
    expect(await patch(id, card('x'))).toMatchObject({ status: 400, body: { code: 230001 } });
    expect(await patch('om_none', card('x'))).toMatchObject({ status: 400, body: { code: 99992354 } });
    const recalled = idOf(await send());
    service.lark.recall(recalled);
    expect(await patch(recalled, card('x'))).toMatchObject({ status: 400, body: { code: 230011 } });
    const reply = { msg_type: 'text', content: text('x') };
    expect(await service.api('POST', `im/v1/messages/${recalled}/reply`, reply)).toMatchObject({
      body: { code: 230011 },
    });
  });
});

test('a text is edited with PUT at most 20 times, a card never', async () => {
  const put = (id: string, msg_type: string, content: string) =>
    service.api('PUT', `im/v1/messages/${id}`, { msg_type, content });
  const id = idOf(await send({ msg_type: 'text', content: text('0') }));
  for (let count = 1; count <= 20; count += 1) expect((await put(id, 'text', text(`${count}`))).status).toBe(200);
  expect(await put(id, 'text', text('21'))).toMatchObject({ status: 400, body: { code: 230072 } });
  expect(shown()).toEqual([text('20')]);
  expect(await put(idOf(await send()), 'interactive', card('x'))).toMatchObject({
    status: 400,
    body: { code: 230001 },
  });
});

test('the groups of the bot are listed page by page', async () => {
  const list = async (query: string) => dataOf((await service.api('GET', `im/v1/chats?${query}`)).body);
  expect(await list('page_size=2')).toMatchObject({
    items: [
      { chat_id: CHAT_ID, name: 'it-ops', external: false, tenant_key: '736588c9260f175e', chat_status: 'normal' },
      { chat_id: SILENT },
    ],
    has_more: true,
    page_token: '2',
  });
  expect(await list('page_size=2&page_token=2')).toMatchObject({
    items: [{ chat_id: GONE, chat_status: 'dissolved' }],
    has_more: false,
  });
  expect(await service.api('GET', 'im/v1/chats?page_size=101')).toMatchObject({ status: 400, body: { code: 232001 } });
});
