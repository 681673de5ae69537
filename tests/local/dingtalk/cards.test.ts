import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, START, startDingtalk } from './start-dingtalk.ts';

let service: Running;
beforeEach(async () => {
  service = await startDingtalk();
});
afterEach(() => service.close());

const cardData = (values: object) => ({ cardData: { cardParamMap: values } });
const VALUES = { title: '开通中 🙂', status: 'RUNNING', reason: '新员工' };
const IN_GROUP = {
  openSpaceId: 'dtv1.card//IM_GROUP.cidOPS==',
  imGroupOpenSpaceModel: { supportForward: false },
  imGroupOpenDeliverModel: { robotCode: 'dingapp' },
};
const IN_PRIVATE = {
  openSpaceId: 'dtv1.card//IM_ROBOT.u1',
  imRobotOpenSpaceModel: { supportForward: false },
  imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
};
const CARD = { cardTemplateId: 'progress.schema', outTrackId: 'request-1', ...cardData(VALUES), ...IN_GROUP };
const create = (fields: object = {}, running = service) =>
  running.newApi('POST', '/v1.0/card/instances/createAndDeliver', { ...CARD, ...fields });
const update = (fields: object, running = service) =>
  running.newApi('PUT', '/v1.0/card/instances', { outTrackId: 'request-1', ...fields });
const deliver = (fields: object = {}) =>
  service.newApi('POST', '/v1.0/card/instances/deliver', { outTrackId: 'request-1', ...IN_GROUP, ...fields });
const shown = () => service.dingtalk.messages().map(({ card }) => card?.values);

describe('a new card', () => {
  test('is shown in the group with its values', async () => {
    const { status, body } = await create();
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        success: true,
        result: {
          outTrackId: 'request-1',
          deliverResults: [
            {
              spaceType: 'IM_GROUP',
              spaceId: 'cidOPS==',
              success: true,
              carrierId: expect.any(String),
              errorMsg: '',
            },
          ],
        },
      },
    });
    expect(service.dingtalk.messages()).toMatchObject([
      {
        kind: 'card',
        chat: '运维群 🛠',
        msgtype: 'card',
        title: '开通中 🙂',
        text: 'RUNNING\n新员工',
        outTrackId: 'request-1',
        card: {
          cardTemplateId: 'progress.schema',
          values: VALUES,
          updates: 0,
          history: [{ time: START, by: 'create', values: VALUES }],
        },
      },
    ]);
  });

  test('can be shown in several places, and every place sees its changes', async () => {
    const openSpaceId = 'dtv1.card//im_group.cidOPS==;IM_GROUP.cidDEV==;im_robot.u3';
    const { body } = await create({ ...IN_PRIVATE, ...IN_GROUP, openSpaceId });
    expect(body).toMatchObject({
      result: { deliverResults: [{ success: true }, { success: true }, { success: true }] },
    });
    await update(cardData({ title: '好' }));
    expect(service.dingtalk.messages()).toMatchObject([
      { chat: '运维群 🛠', title: '好' },
      { chat: '开发群', title: '好' },
      { chat: 'Ana 🙂', userId: 'u3', title: '好' },
    ]);
  });

  test.each([
    ['a group nobody knows', 'IM_GROUP.cidX==', 'invalid.openConversationId'],
    ['a group without the robot', 'IM_GROUP.cidALONE==', 'invalidParameter.robotCode.notExsit'],
    ['a group that was disbanded', 'IM_GROUP.cidGONE==', 'group.disbanded'],
    ['a group where the robot was stopped', 'IM_GROUP.cidSTOPPED==', 'bot.stopped'],
    ['a stranger', 'IM_ROBOT.nobody', 'staffId.notExisted'],
  ])('does not arrive at %s although the call succeeds', async (_name, space, errorMsg) => {
    const answer = await create({ ...IN_PRIVATE, ...IN_GROUP, openSpaceId: `dtv1.card//${space};IM_GROUP.cidDEV==` });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        success: true,
        result: {
          deliverResults: [
            { success: false, carrierId: '', errorMsg },
            { success: true, errorMsg: '' },
          ],
        },
      },
    });
    expect(service.dingtalk.messages()).toMatchObject([{ chat: '开发群' }]);
  });

  test('of another robot does not arrive', async () => {
    const answer = await create({ imGroupOpenDeliverModel: { robotCode: 'dingother' } });
    expect(answer).toMatchObject({ status: 200, body: { result: { deliverResults: [{ success: false }] } } });
  });

  test('without the model of its place arrives nowhere, and exists all the same', async () => {
    const { status, body } = await create({ imGroupOpenSpaceModel: undefined });
    const nowhere = {
      spaceType: 'IM',
      spaceId: 'IM_ALL',
      success: false,
      carrierId: '',
      errorMsg: 'spaces of card is empty',
    };
    expect({ status, body }).toEqual({
      status: 200,
      body: { success: true, result: { outTrackId: 'request-1', deliverResults: [nowhere] } },
    });
    expect(service.dingtalk.messages()).toEqual([]);
    expect(await create()).toMatchObject({ status: 400, body: { code: 'param.cardAlreadyExist' } });
  });

  test('is made once: the second of the same outTrackId changes nothing', async () => {
    await create();
    expect(await create(cardData({ title: '另一张' }))).toMatchObject({
      status: 400,
      body: { code: 'param.cardAlreadyExist', requestid: expect.any(String) },
    });
    expect(shown()).toEqual([VALUES]);
  });

  test.each([
    ['no outTrackId', { outTrackId: undefined }, 'param.outTrackIdEmpty'],
    ['an empty outTrackId', { outTrackId: '' }, 'param.outTrackIdEmpty'],
    ['an outTrackId of 101 characters', { outTrackId: 'x'.repeat(101) }, 'param.invalid'],
    ['no template', { cardTemplateId: undefined }, 'param.cardTemplateIdEmpty'],
    ['a template nobody published', { cardTemplateId: 'other.schema' }, 'param.templateNotExist'],
    ['no data', { cardData: undefined }, 'param.cardPublicDataEmpty'],
    ['no values', { cardData: {} }, 'param.empty'],
    ['values of nothing', cardData({}), 'param.empty'],
    ['a number as value', cardData({ count: 3 }), 'param.invalid'],
    ['an object as value', cardData({ list: { a: 'b' } }), 'param.invalid'],
    ['null as value', cardData({ title: null }), 'param.invalid'],
    ['a key of 101 bytes', cardData({ [`${'好'.repeat(33)}ab`]: 'x' }), 'param.invalid'],
    ['a value of 1025 bytes', cardData({ title: `${'好'.repeat(341)}ab` }), 'param.invalid'],
    ['more than 100 KB', cardData(manyValues(100)), 'param.invalid'],
    ['no place', { openSpaceId: '' }, 'param.openSpaceIdEmpty'],
    ['a place without the prefix', { openSpaceId: 'IM_GROUP.cidOPS==' }, 'param.openSpaceIdInvalid'],
    ['a place of no kind', { openSpaceId: 'dtv1.card//cidOPS==' }, 'param.openSpaceIdInvalid'],
    ['a place without an id', { openSpaceId: 'dtv1.card//IM_GROUP.' }, 'param.openSpaceIdInvalid'],
    ['a place that ends in nothing', { openSpaceId: `${IN_GROUP.openSpaceId};` }, 'param.openSpaceIdInvalid'],
    ['no way to get there', { imGroupOpenDeliverModel: undefined }, 'param.openDeliverModelEmpty'],
    ['a way without a robot', { imGroupOpenDeliverModel: {} }, 'param.openDeliverModelError'],
    ['a model that says nothing', { imGroupOpenSpaceModel: {} }, 'param.openSpaceModelInvalid'],
    ['a creator who is a stranger', { userId: 'x' }, 'param.userIdNotExist'],
    ['private data of a stranger', { privateData: { x: { cardParamMap: { a: 'b' } } } }, 'param.userIdNotExist'],
    ['a callback type in small letters', { callbackType: 'http' }, 'param.invalid'],
  ])('with %s is refused', async (_name, fields, code) => {
    expect(await create(fields)).toMatchObject({ status: 400, body: { code, message: code } });
    expect(service.dingtalk.messages()).toEqual([]);
  });

  test('may have an outTrackId of 100 characters, a key of 100 bytes and a value of 1024', async () => {
    const values = { [`${'好'.repeat(33)}a`]: `${'好'.repeat(341)}a` };
    expect(await create({ outTrackId: 'x'.repeat(100), ...cardData(values) })).toMatchObject({ status: 200 });
    expect(shown()).toEqual([values]);
  });
});

describe('an update', () => {
  test('replaces all values, unless it is by key', async () => {
    await create();
    service.advance(1_000);
    expect(await update(cardData({ title: '好了', status: 'DONE' }))).toEqual({
      status: 200,
      body: { success: true, result: true },
    });
    expect(shown()).toEqual([{ title: '好了', status: 'DONE' }]);
    await update({ ...cardData({ run: 't-1' }), cardUpdateOptions: { updateCardDataByKey: true } });
    expect(shown()).toEqual([{ title: '好了', status: 'DONE', run: 't-1' }]);
    expect(service.dingtalk.messages()).toMatchObject([
      {
        time: START,
        card: {
          updates: 2,
          history: [
            { time: START, by: 'create', values: VALUES },
            { time: START + 1_000, by: 'update', values: { title: '好了', status: 'DONE' } },
            { by: 'update', values: { title: '好了', status: 'DONE', run: 't-1' } },
          ],
        },
      },
    ]);
  });

  test('that comes late puts an earlier state over a later one: only its history tells', async () => {
    await create();
    await update(cardData({ status: 'DONE' }));
    await update(cardData({ status: 'RUNNING' }));
    const history = service.dingtalk.messages()[0]?.card?.history.map(({ values }) => values['status']);
    expect(history).toEqual(['RUNNING', 'DONE', 'RUNNING']);
  });

  test('of private data shows one person something else', async () => {
    await create({ privateData: { u1: { cardParamMap: { can: 'press', a: '1' } } } });
    const privateData = { u1: { cardParamMap: { can: 'no' } }, u2: { cardParamMap: { b: '2' } } };
    await update({ privateData, cardUpdateOptions: { updatePrivateDataByKey: true } });
    expect(service.dingtalk.messages()).toMatchObject([
      { card: { values: VALUES, privateValues: { u1: { can: 'no', a: '1' }, u2: { b: '2' } } } },
    ]);
    await update({ privateData: { u1: { cardParamMap: { can: '' } } } });
    expect(service.dingtalk.messages()[0]?.card?.privateValues).toEqual({ u1: { can: '' }, u2: { b: '2' } });
  });

  test.each([
    ['no outTrackId', { outTrackId: '', ...cardData({ a: 'b' }) }, 'param.outTrackIdEmpty'],
    ['a card nobody made', { outTrackId: 'x', ...cardData({ a: 'b' }) }, 'param.cardNotExist'],
    ['no data', {}, 'param.cardDataAndPrivateDataBothEmpty'],
    ['a value that is no text', cardData({ done: true }), 'param.invalid'],
    ['a value of 1025 bytes', cardData({ title: 'x'.repeat(1025) }), 'param.invalid'],
    ['private data of a stranger', { privateData: { x: { cardParamMap: { a: 'b' } } } }, 'param.userIdNotExist'],
  ])('with %s is refused', async (_name, fields, code) => {
    await create();
    expect(await update(fields)).toMatchObject({ status: 400, body: { code } });
    expect(shown()).toEqual([VALUES]);
  });

  test('by key cannot bring a card over 100 KB', async () => {
    await create(cardData(manyValues(98)));
    const byKey = { cardUpdateOptions: { updateCardDataByKey: true } };
    expect(await update({ ...cardData(manyValues(100)), ...byKey })).toMatchObject({ body: { code: 'param.invalid' } });
    expect(await update(cardData({ title: 'x' }))).toMatchObject({ status: 200 });
  });
});

describe('a card that exists', () => {
  test('is brought to a place once more, and changes wherever it stands', async () => {
    await create();
    expect(await deliver()).toEqual({
      status: 200,
      body: {
        success: true,
        result: [
          {
            spaceType: 'IM_GROUP',
            spaceId: 'cidOPS==',
            success: true,
            carrierId: expect.any(String),
            errorMsg: '',
          },
        ],
      },
    });
    await update(cardData({ title: '好' }));
    expect(shown()).toEqual([{ title: '好' }, { title: '好' }]);
  });

  test('does not arrive in a group without the robot although the call succeeds', async () => {
    await create();
    expect(await deliver({ openSpaceId: 'dtv1.card//IM_GROUP.cidALONE==' })).toMatchObject({
      status: 200,
      body: { success: true, result: [{ success: false, errorMsg: 'invalidParameter.robotCode.notExsit' }] },
    });
    expect(shown()).toEqual([VALUES]);
  });

  test('does not arrive in a kind of place that it was not made for', async () => {
    await create();
    expect(await deliver(IN_PRIVATE)).toMatchObject({ status: 200, body: { result: [{ success: false }] } });
  });

  test.each([
    ['no outTrackId', { outTrackId: undefined }, 'param.outTrackIdEmpty'],
    ['a card that is not there', { outTrackId: 'request-2' }, 'param.cardNotExist'],
    ['no place', { openSpaceId: undefined }, 'param.openSpaceIdEmpty'],
    ['a place of no form', { openSpaceId: 'cidOPS==' }, 'param.openSpaceIdInvalid'],
    ['no model of its place', { imGroupOpenDeliverModel: undefined }, 'param.openDeliverModelEmpty'],
    ['a model without the robot', { imGroupOpenDeliverModel: {} }, 'param.spaceDeliverModelEmpty'],
  ])('is not delivered with %s', async (_name, fields, code) => {
    await create();
    expect(await deliver(fields)).toMatchObject({ status: 400, body: { code } });
    expect(shown()).toEqual([VALUES]);
  });
});

test('a card is remembered with its history', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'dingtalk-'));
  const before = await startDingtalk({ directory });
  await create({}, before);
  await update(cardData({ title: '好了' }), before);
  const messages = before.dingtalk.messages();
  await before.close();
  const after = await startDingtalk({ directory });
  expect(after.dingtalk.messages()).toEqual(messages);
  expect(await create({}, after)).toMatchObject({ body: { code: 'param.cardAlreadyExist' } });
  await after.close();
  rmSync(directory, { recursive: true });
});

test('cards count as API calls', async () => {
  await create();
  await update(cardData({ title: '好' }));
  expect(service.dingtalk.quotaUsed()).toEqual({ apiCalls: 2, webhookAndStream: 0 });
});

function manyValues(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`value-${index}`, 'x'.repeat(1024)]));
}
