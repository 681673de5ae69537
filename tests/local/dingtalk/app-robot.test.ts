import { ORGANISATION, type Running, START, startDingtalk } from './start-dingtalk.ts';

let service: Running;
beforeEach(async () => {
  service = await startDingtalk();
});
afterEach(() => service.close());

const TEXT = { msgKey: 'sampleText', msgParam: JSON.stringify({ content: '开通完成 🙂' }) };
const send = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/robot/groupMessages/send', {
    robotCode: 'dingapp',
    openConversationId: 'cidOPS==',
    ...TEXT,
    ...fields,
  });
const tell = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/robot/oToMessages/batchSend', {
    robotCode: 'dingapp',
    userIds: ['u1'],
    ...TEXT,
    ...fields,
  });
const recall = (fields: object) =>
  service.newApi('POST', '/v1.0/robot/groupMessages/recall', {
    robotCode: 'dingapp',
    openConversationId: 'cidOPS==',
    ...fields,
  });
const template = (msgKey: string, param: object) => ({ msgKey, msgParam: JSON.stringify(param) });

const BUTTONS = {
  actionTitle1: '好',
  actionURL1: 'https://x.example/1',
  actionTitle2: '不',
  actionURL2: 'https://x.example/2',
};

describe('the app’s own robot', () => {
  test('speaks in a group it is a member of', async () => {
    const { status, body } = await send();
    expect(status).toBe(200);
    expect(service.dingtalk.messages()).toEqual([
      {
        id: expect.any(String),
        kind: 'enterpriseRobot',
        chat: '运维群 🛠',
        openConversationId: 'cidOPS==',
        robot: 'dingapp',
        time: START,
        msgtype: 'text',
        title: '',
        text: '开通完成 🙂',
        buttons: [],
        at: { mobiles: [], userIds: [], everybody: false },
        processQueryKey: body.processQueryKey,
      },
    ]);
  });

  test('says the same again if it is told again: there is no key against that', async () => {
    const [first, second] = [await send(), await send()];
    expect(service.dingtalk.messages()).toHaveLength(2);
    expect(first.body.processQueryKey).not.toBe(second.body.processQueryKey);
  });

  test.each([
    ['sampleMarkdown', { title: '标题', text: '# 好' }, { msgtype: 'markdown', title: '标题', text: '# 好' }],
    [
      'sampleLink',
      { title: '标题', text: '内容', messageUrl: 'https://x.example/', picUrl: '' },
      { msgtype: 'link', title: '标题', buttons: [{ title: '标题', url: 'https://x.example/' }] },
    ],
    [
      'sampleActionCard',
      { title: '开通', text: '好', singleTitle: '查看', singleURL: 'https://x.example/1' },
      { msgtype: 'actionCard', title: '开通', buttons: [{ title: '查看', url: 'https://x.example/1' }] },
    ],
    [
      'sampleActionCard2',
      { title: '开通', text: '好', ...BUTTONS },
      {
        msgtype: 'actionCard',
        buttons: [
          { title: '好', url: 'https://x.example/1' },
          { title: '不', url: 'https://x.example/2' },
        ],
      },
    ],
    ['sampleImageMsg', { photoURL: '@lADO' }, { msgtype: 'image', text: '@lADO' }],
    [
      'sampleFile',
      { mediaId: '@lAz', fileName: '表格.xlsx', fileType: 'xlsx' },
      { msgtype: 'file', title: '表格.xlsx' },
    ],
  ])('shows %s as its template does', async (msgKey, param, shown) => {
    expect(await send(template(msgKey, param))).toMatchObject({ status: 200 });
    expect(service.dingtalk.messages()).toMatchObject([shown]);
  });

  test.each([
    ['no robot', { robotCode: undefined }, 'invalidParameter.robotCode.empty'],
    ['another robot', { robotCode: 'dingother' }, 'invalidParameter.robotCode.notExsit'],
    ['no group', { openConversationId: '' }, 'miss.openConversationId'],
    ['a group nobody knows', { openConversationId: 'cidX==' }, 'invalid.openConversationId'],
    ['a group without the robot', { openConversationId: 'cidALONE==' }, 'invalidParameter.robotCode.notExsit'],
    ['a group that was disbanded', { openConversationId: 'cidGONE==' }, 'group.disbanded'],
    ['a group where the robot was stopped', { openConversationId: 'cidSTOPPED==' }, 'bot.stopped'],
    ['a group where it may not speak', { openConversationId: 'cidMUTED==' }, 'bot.forbidden.sendMessage'],
    ['a group of another company', { openConversationId: 'cidOTHER==' }, 'conversation.org.notMatch'],
    ['no template', { msgKey: undefined }, 'invalidParameter.msgKey.empty'],
    ['an unknown template', { msgKey: 'sampleFeedCard' }, 'invalidParameter.msgKey.invalid'],
    ['a property of every object as template', { msgKey: 'toString' }, 'invalidParameter.msgKey.invalid'],
    ['no parameters', { msgParam: undefined }, 'invalidParameter.msgParam.invalid'],
    ['parameters that are an object', { msgParam: { content: 'x' } }, 'invalidParameter.msgParam.invalid'],
    ['parameters that are no JSON', { msgParam: '好' }, 'invalidParameter.msgParam.invalid'],
    ['a text without content', template('sampleText', {}), 'miss.param.contentOfText'],
    ['a text with empty content', template('sampleText', { content: '' }), 'miss.param.contentOfText'],
    ['markdown without title', template('sampleMarkdown', { text: 'x' }), 'miss.param.markdownTotitle'],
    ['markdown without text', template('sampleMarkdown', { title: 'x' }), 'miss.param.markdownTotext'],
    ['a link to nowhere', template('sampleLink', { title: 'x', text: 'x' }), 'miss.param.messageUrlOfLink'],
    ['a file without a name', template('sampleFile', { mediaId: '@l', fileType: 'pdf' }), 'miss.param.file'],
    ['a number as content', template('sampleText', { content: 5 }), 'invalidParameter.msgParam.invalid'],
    [
      'a card that lacks a button',
      template('sampleActionCard3', { title: 'x', text: 'x', ...BUTTONS }),
      'miss.param.actionCardTobtnsTotitle',
    ],
  ])('is refused %s', async (_name, fields, code) => {
    expect(await send(fields)).toMatchObject({ status: 400, body: { code, requestid: expect.any(String) } });
    expect(service.dingtalk.messages()).toEqual([]);
  });

  test('may say 15000 bytes, counted in bytes of the parameters', async () => {
    const overhead = Buffer.byteLength(template('sampleText', { content: '' }).msgParam);
    const fits = '好'.repeat(Math.floor((15_000 - overhead) / 3));
    expect(await send(template('sampleText', { content: fits }))).toMatchObject({ status: 200 });
    expect(await send(template('sampleText', { content: `${fits}好` }))).toMatchObject({
      status: 400,
      body: { code: 'invalidParameter.msgParam.tooLong' },
    });
  });

  test('is too fast with the 21st message of a minute, in this group only', async () => {
    for (let count = 0; count < 20; count += 1) expect(await send()).toMatchObject({ status: 200 });
    expect(await send()).toMatchObject({ status: 400, body: { code: 'send.too.fast' } });
    expect(await send({ openConversationId: 'cidDEV==' })).toMatchObject({ status: 200 });
    service.advance(60_000);
    expect(await send()).toMatchObject({ status: 200 });
  });
});

describe('recall', () => {
  test('takes messages back so that nobody sees them, and names those it does not know', async () => {
    const { processQueryKey } = (await send()).body;
    await send(template('sampleText', { content: '留下' }));
    expect(await recall({ processQueryKeys: [processQueryKey, 'x'] })).toEqual({
      status: 200,
      body: { successResult: [processQueryKey], failedResult: { x: expect.any(String) } },
    });
    expect(service.dingtalk.messages()).toMatchObject([{ text: '留下' }]);
    expect(await recall({ processQueryKeys: [processQueryKey] })).toMatchObject({ body: { successResult: [] } });
  });

  test('is not possible after a day, nor in another group', async () => {
    const { processQueryKey } = (await send()).body;
    const elsewhere = { processQueryKeys: [processQueryKey], openConversationId: 'cidDEV==' };
    expect(await recall(elsewhere)).toMatchObject({ body: { successResult: [] } });
    service.advance(86_400_001);
    expect(await recall({ processQueryKeys: [processQueryKey] })).toMatchObject({ body: { successResult: [] } });
    expect(service.dingtalk.messages()).toHaveLength(1);
  });

  test.each([
    ['no keys', {}, 'invalidParameter.processQueryKey.missing'],
    ['an empty list', { processQueryKeys: [] }, 'invalidParameter.processQueryKey.missing'],
    ['more than 20', { processQueryKeys: Array(21).fill('x') }, 'invalidParameter.processQueryKeys.overMax'],
    ['another robot', { processQueryKeys: ['x'], robotCode: 'y' }, 'invalidParameter.robotCode.notExsit'],
    ['no group', { processQueryKeys: ['x'], openConversationId: '' }, 'miss.openConversationId'],
    ['an unknown group', { processQueryKeys: ['x'], openConversationId: 'y' }, 'invalid.openConversationId'],
  ])('with %s is refused', async (_name, fields, code) => {
    expect(await recall(fields)).toMatchObject({ status: 400, body: { code } });
  });
});

describe('direct messages', () => {
  test('reach each person alone, under one key, and the answer names who is unknown', async () => {
    const { status, body } = await tell({ userIds: ['u1', 'nobody', 'u3', 'u1'] });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        processQueryKey: expect.any(String),
        invalidStaffIdList: ['nobody'],
        flowControlledStaffIdList: [],
      },
    });
    const { processQueryKey } = body;
    expect(service.dingtalk.messages()).toMatchObject([
      { kind: 'directMessage', chat: '张三', userId: 'u1', text: '开通完成 🙂', processQueryKey },
      { kind: 'directMessage', chat: 'Ana 🙂', userId: 'u3', processQueryKey },
    ]);
  });

  test('to somebody who has had 20 in this minute are held back, and the others get theirs', async () => {
    for (let count = 0; count < 20; count += 1) await tell();
    expect(await tell({ userIds: ['u1', 'u2'] })).toMatchObject({
      status: 200,
      body: { invalidStaffIdList: [], flowControlledStaffIdList: ['u1'] },
    });
    expect(service.dingtalk.messages()).toHaveLength(21);
  });

  test.each([
    ['no people', { userIds: [] }, 'invalidParameter.userIds.empty'],
    ['people that are no list', { userIds: 'u1' }, 'invalidParameter.userIds.empty'],
    ['more than 20', { userIds: Array(21).fill('u1') }, 'invalidParameter.userIds.overMax'],
    ['only strangers', { userIds: ['x', 'y'] }, 'staffId.notExisted'],
    ['another robot', { robotCode: 'y' }, 'invalidParameter.robotCode.notExsit'],
    ['an unknown template', { msgKey: 'x' }, 'invalidParameter.msgKey.invalid'],
    ['no parameters', { msgParam: undefined }, 'invalidParameter.msgParam.invalid'],
  ])('with %s are refused', async (_name, fields, code) => {
    expect(await tell(fields)).toMatchObject({ status: 400, body: { code } });
    expect(service.dingtalk.messages()).toEqual([]);
  });
});

test('all calls of the robot count as API calls, and need the token', async () => {
  const { processQueryKey } = (await send()).body;
  await tell();
  await recall({ processQueryKeys: [processQueryKey] });
  expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 3, webhookAndStream: 0 });
  for (const path of ['groupMessages/send', 'groupMessages/recall', 'oToMessages/batchSend']) {
    expect(await service.call('POST', `/v1.0/robot/${path}`, {})).toMatchObject({
      status: 400,
      body: { code: 'AuthenticationFailed.MissingParameter' },
    });
  }
});

test('a robot may have a code of its own', async () => {
  const app = { appKey: 'dingapp', appSecret: 'app-secret', robotCode: 'dingrobot' };
  const other = await startDingtalk({ organisation: { ...ORGANISATION, app } });
  const body = { openConversationId: 'cidOPS==', ...TEXT };
  const path = '/v1.0/robot/groupMessages/send';
  expect(await other.newApi('POST', path, { ...body, robotCode: 'dingapp' })).toMatchObject({ status: 400 });
  expect(await other.newApi('POST', path, { ...body, robotCode: 'dingrobot' })).toMatchObject({ status: 200 });
  await other.close();
});
