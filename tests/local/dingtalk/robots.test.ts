import { createHmac } from 'node:crypto';
import { ORGANISATION, type Running, START, startDingtalk } from './start-dingtalk.ts';

const robots = [
  { chat: 'it-ops', accessToken: 'signed', secret: 'SEC-robot' },
  { chat: 'words', accessToken: 'words', keywords: ['监控', 'done'] },
  { chat: 'stopped', accessToken: 'stopped', disabled: true },
  { chat: 'gone', accessToken: 'gone', groupGone: true },
  { chat: 'open', accessToken: 'open' },
];

let service: Running;
beforeEach(async () => {
  service = await startDingtalk({ organisation: { ...ORGANISATION, robots } });
});
afterEach(() => service.close());

const text = (content: string) => ({ msgtype: 'text', text: { content } });
const send = (query: string, body: object, headers?: Record<string, string>) =>
  service.call('POST', `/robot/send?${query}`, body, headers);
const signature = (timestamp: number, secret = 'SEC-robot') => {
  const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  return `access_token=signed&timestamp=${timestamp}&sign=${encodeURIComponent(sign)}`;
};

describe('a robot with a signature', () => {
  test.each([
    ['the right one', signature(START), 0, 'ok'],
    ['one that is an hour old', signature(START - 3_600_000), 0, 'ok'],
    ['one that is older', signature(START - 3_600_001), 310000, 'invalid timestamp'],
    ['one of the future', signature(START + 3_600_001), 310000, 'invalid timestamp'],
    ['one made in seconds', signature(Math.floor(START / 1000)), 310000, 'invalid timestamp'],
    ['none', 'access_token=signed', 310000, 'invalid timestamp'],
    ['one of another secret', signature(START, 'SEC-other'), 310000, 'sign not match'],
  ])('answers %s with HTTP 200 and errcode', async (_name, query, errcode, errmsg) => {
    const answer = await send(query, text('好 🙂'));
    expect(answer).toMatchObject({ status: 200, body: { errcode, errmsg: expect.stringContaining(errmsg) } });
    expect(service.dingtalk.messages()).toHaveLength(errcode === 0 ? 1 : 0);
  });

  test('reads a plus sign in the query as a space, as URLs do', async () => {
    const withPlus = Array.from({ length: 100 }, (_, index) => START + index).find((timestamp) =>
      decodeURIComponent(signature(timestamp)).split('sign=')[1]?.includes('+'),
    );
    const query = decodeURIComponent(signature(Number(withPlus)));
    expect(await send(query, text('x'))).toMatchObject({ body: { errcode: 310000 } });
  });
});

test.each([
  ['access_token=words', text('监控 报警'), 0],
  ['access_token=words', { msgtype: 'markdown', markdown: { title: 'all done', text: 'x' } }, 0],
  ['access_token=words', text('something else'), 310000],
  ['access_token=stopped', text('x'), 400102],
  ['access_token=gone', text('x'), 400013],
  ['access_token=nobody', text('x'), 300001],
  ['', text('x'), 40035],
])('with %s the message %j gets errcode %i', async (query, body, errcode) => {
  expect(await send(query, body)).toMatchObject({ status: 200, body: { errcode } });
});

const LINK = { title: '标题', text: '内容', messageUrl: 'https://x.example/' };
const CARD = { title: '开通', text: '### 开通完成 🙂', singleTitle: '查看', singleURL: 'https://x.example/1' };
const BUTTONS = [
  { title: '好', actionURL: 'https://x.example/1' },
  { title: '不', actionURL: 'https://x.example/2' },
];
const FEED = [{ title: '一', messageURL: 'https://x.example/', picURL: 'https://x.example/p.png' }];

test.each([
  [text('中文'), { msgtype: 'text', title: '', text: '中文', buttons: [] }],
  [
    { msgtype: 'markdown', markdown: { title: 't', text: '# 好' } },
    { msgtype: 'markdown', title: 't', text: '# 好' },
  ],
  [
    { msgtype: 'link', link: LINK },
    { msgtype: 'link', buttons: [{ title: '标题', url: 'https://x.example/' }] },
  ],
  [
    { msgtype: 'actionCard', actionCard: CARD },
    { title: '开通', buttons: [{ title: '查看', url: 'https://x.example/1' }] },
  ],
  [
    { msgtype: 'actionCard', actionCard: { title: '开通', text: 'x', btns: BUTTONS, singleTitle: null } },
    {
      buttons: [
        { title: '好', url: 'https://x.example/1' },
        { title: '不', url: 'https://x.example/2' },
      ],
    },
  ],
  [{ msgtype: 'feedCard', feedCard: { links: FEED } }, { buttons: [{ title: '一', url: 'https://x.example/' }] }],
  [
    { ...text('@u1 看'), at: { atMobiles: ['186'], atUserIds: ['u1'], isAtAll: false } },
    { at: { mobiles: ['186'], userIds: ['u1'], everybody: false } },
  ],
])('the message %j is shown in the group', async (body, shown) => {
  expect(await send('access_token=open', body)).toMatchObject({ status: 200, body: { errcode: 0, errmsg: 'ok' } });
  expect(service.dingtalk.messages()).toMatchObject([{ chat: 'open', time: START, ...shown }]);
  expect(service.logs).toMatchObject([
    {
      message: 'message shown',
      fields: { chat: 'open', platform: 'dingtalk', bytes: Buffer.byteLength(JSON.stringify(body)) },
    },
  ]);
});

test.each([
  [{}, 400105],
  [{ msgtype: 'image' }, 400105],
  [{ msgtype: 'text' }, 400201],
  [text(''), 400202],
  [{ msgtype: 'link', link: { ...LINK, text: '' } }, 400302],
  [{ msgtype: 'link', link: { ...LINK, title: '' } }, 400303],
  [{ msgtype: 'link', link: { ...LINK, messageUrl: '' } }, 400304],
  [{ msgtype: 'markdown' }, 400401],
  [{ msgtype: 'markdown', markdown: { text: 'x' } }, 400402],
  [{ msgtype: 'markdown', markdown: { title: 'x' } }, 400403],
  [{ msgtype: 'actionCard', actionCard: { ...CARD, text: '' } }, 400503],
  [{ msgtype: 'actionCard', actionCard: { ...CARD, title: '' } }, 40035],
  [{ msgtype: 'actionCard', actionCard: { ...CARD, singleURL: '' } }, 40035],
  [{ msgtype: 'actionCard', actionCard: { title: 'x', text: 'x', btns: [{ title: 'x' }] } }, 40035],
  [{ msgtype: 'feedCard', feedCard: { links: [] } }, 400602],
  [{ msgtype: 'text', text: 'x' }, 40035],
])('the message %j is refused with errcode %i', async (body, errcode) => {
  expect(await send('access_token=open', body)).toMatchObject({ status: 200, body: { errcode } });
  expect(service.dingtalk.messages()).toEqual([]);
});

test('a message is JSON by its content type too', async () => {
  const answer = await send('access_token=open', text('x'), { 'content-type': 'text/plain' });
  expect(answer).toMatchObject({ status: 200, body: { errcode: 43004 } });
});

test('a body may have 20000 bytes, counted in bytes', async () => {
  const overhead = Buffer.byteLength(JSON.stringify(text('')));
  const fits = text('好'.repeat(Math.floor((20_000 - overhead) / 3)));
  expect(await send('access_token=open', fits)).toMatchObject({ body: { errcode: 0 } });
  const long = text('好'.repeat(Math.floor((20_000 - overhead) / 3) + 1));
  expect(await send('access_token=open', long)).toMatchObject({ body: { errcode: 460101 } });
});

test('a repeated msgUuid succeeds and shows nothing new', async () => {
  const body = { ...text('一次'), msgUuid: 'r1' };
  expect(await send('access_token=open', body)).toMatchObject({ body: { errcode: 0 } });
  expect(await send('access_token=open', body)).toMatchObject({ body: { errcode: 0 } });
  expect(await send('access_token=open', { ...body, msgUuid: 'r2' })).toMatchObject({ body: { errcode: 0 } });
  expect(service.dingtalk.messages()).toHaveLength(2);
});

test('the 21st message of a minute is refused, and so is every one for 10 minutes', async () => {
  for (let count = 0; count < 20; count += 1) await send('access_token=open', text(`${count}`));
  expect(await send('access_token=open', text('21'))).toMatchObject({ status: 200, body: { errcode: 130101 } });
  service.advance(599_999);
  expect(await send('access_token=open', text('22'))).toMatchObject({ body: { errcode: 130101 } });
  expect(await send('access_token=words', text('done'))).toMatchObject({ body: { errcode: 0 } });
  service.advance(1);
  expect(await send('access_token=open', text('23'))).toMatchObject({ body: { errcode: 0 } });
  expect(service.dingtalk.messages()).toHaveLength(22);
});

test('20 messages a minute go on for ever', async () => {
  for (let count = 0; count < 25; count += 1) {
    expect(await send('access_token=open', text(`${count}`))).toMatchObject({ body: { errcode: 0 } });
    service.advance(3_000);
  }
});
