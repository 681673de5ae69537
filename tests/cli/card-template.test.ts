import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PRESS_KINDS } from '../../shared/events.ts';
import { callHttp } from '../../shared/http/call.ts';
import { pressReply, readPress } from '../../shared/platforms/dingtalk/card-press.ts';
import { createDingtalkMessenger } from '../../shared/platforms/dingtalk/create-messenger.ts';
import { readPage } from '../docs/read-docs.ts';
import { ORGANISATION, START, startDingtalk } from '../local/dingtalk/start-dingtalk.ts';
import { killAll, run } from './command-line.ts';

afterEach(killAll);

const conditionsSchema = z.object({
  condition: z.object({ conditions: z.array(z.object({ op: z.literal('isNotEmpty'), variable: z.string() })) }),
});
const componentSchema = z.object({
  componentName: z.string(),
  id: z.string(),
  props: z.looseObject({
    visible: conditionsSchema.optional(),
    content: z.object({ variable: z.string() }).optional(),
    text: z.object({ content: z.string() }).optional(),
    title: z.object({ content: z.string() }).optional(),
    actionType: z.string().optional(),
    actionId: z.object({ content: z.string() }).optional(),
    params: z.array(z.object({ name: z.string(), variable: z.string() })).optional(),
  }),
});
const editorSchema = z.object({
  schema: z.object({
    componentsMap: z.array(z.object({ componentName: z.string() })),
    componentsTree: z.tuple([z.object({ componentName: z.literal('Card'), children: z.array(componentSchema) })]),
  }),
  variableList: z.array(z.object({ name: z.string(), type: z.enum(['string', 'markdown']), private: z.boolean() })),
});

/** What somebody imports who redirected the command into a file. */
async function template() {
  const { code, stdout, stderr } = await run(['card', 'template']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const file = z.object({ type: z.literal('im'), mode: z.literal('card'), editorData: z.string() });
  return editorSchema.parse(JSON.parse(file.parse(JSON.parse(stdout)).editorData));
}

/** The values of a card as the embedded DingTalk was sent them. */
async function sentValues(): Promise<Record<string, string>> {
  const dingtalk = await startDingtalk();
  try {
    const variables = {
      DINGTALK_CORP_ID: 'dingcorp',
      DINGTALK_APP_KEY: ORGANISATION.app.appKey,
      DINGTALK_APP_SECRET: ORGANISATION.app.appSecret,
      DINGTALK_OAPI_ENDPOINT: dingtalk.origin,
      DINGTALK_API_ENDPOINT: dingtalk.origin,
    };
    const chats = { ops: { dingtalk: { group: { conversation: 'cidOPS==', card_template: 'progress.schema' } } } };
    const clock = { now: () => START, sleep: async () => undefined };
    const messenger = createDingtalkMessenger(variables, chats, { http: callHttp, clock, randomBytes });
    await messenger.channel('ops')?.post({
      title: '▶️ 入职 · E123 执行中',
      blocks: [],
      tone: 'running',
      mention: [],
      idempotencyKey: 'key-1',
      buttons: [{ what: 'stop', label: '停止 🛑', requestId: 'dingtalk.A' }],
    });
    return dingtalk.dingtalk.messages()[0]?.card?.values ?? {};
  } finally {
    await dingtalk.close();
  }
}

test('each component has an id of its own, by which the editor knows it', async () => {
  const { children } = (await template()).schema.componentsTree[0];
  const ids = children.map(({ id }) => id);
  expect(ids).toHaveLength(10);
  expect(new Set(ids).size).toBe(10);
});

test('the template has exactly the variables that a card is sent, and privately the answer to a press', async () => {
  const { variableList } = await template();
  const names = (isPrivate: boolean) =>
    variableList.flatMap((variable) => (variable.private === isPrivate ? [variable.name] : [])).sort();
  expect(names(false)).toEqual(Object.keys(await sentValues()).sort());
  const reply = z.object({ userPrivateData: z.object({ cardParamMap: z.record(z.string(), z.string()) }) });
  const { userPrivateData } = reply.parse(pressReply({ kind: 'taken', text: '好' }));
  expect(names(true)).toEqual(Object.keys(userPrivateData.cardParamMap));
});

test('each paragraph, button and the answer stands there while its variable holds something', async () => {
  const { schema, variableList } = await template();
  const shown = schema.componentsTree[0].children.map(({ componentName, props }) => [
    componentName,
    props.content?.variable ?? (props.text ?? props.title)?.content.match(/^\$\{(\w+)\}$/)?.[1],
    props.visible?.condition.conditions.map(({ variable }) => variable).join(),
  ]);
  expect(shown).toEqual([
    ['CardHeaderV2', 'title', undefined],
    ['Markdown', 'reason', 'reason'],
    ['Markdown', 'request', 'request'],
    ['Markdown', 'run', 'run'],
    ['Markdown', 'reference', 'reference'],
    ['Markdown', 'output', 'output'],
    ['SingleButton', 'stop_label', 'stop_label'],
    ['SingleButton', 'retry_label', 'retry_label'],
    ['SingleButton', 'output_label', 'output_label'],
    ['BaseText', 'answer', 'answer'],
  ]);
  const markdown = variableList.filter(({ type }) => type === 'markdown').map(({ name }) => name);
  expect(markdown).toEqual(['reason', 'request', 'run', 'reference', 'output']);
  const declared = schema.componentsMap.map(({ componentName }) => componentName).sort();
  expect(declared).toEqual(['BaseText', 'Card', 'CardHeaderV2', 'Markdown', 'SingleButton']);
});

test('every button sends what the callback of a card takes', async () => {
  const { schema } = await template();
  const buttons = schema.componentsTree[0].children.filter(({ componentName }) => componentName === 'SingleButton');
  const presses = buttons.map(({ props }) => {
    const params = Object.fromEntries((props.params ?? []).map(({ name }) => [name, 'dingtalk.A']));
    const content = JSON.stringify({ cardPrivateData: { actionIds: [props.actionId?.content], params } });
    const callback = { type: 'actionCallback', outTrackId: 'key-1', corpId: 'dingcorp', userId: 'u1', content };
    return { actionType: props.actionType, press: readPress(callback, 'dingcorp') };
  });
  expect(presses).toEqual(
    PRESS_KINDS.map((what) => ({
      actionType: 'request',
      press: { what, requestId: 'dingtalk.A', operator: 'u1', messageId: 'key-1' },
    })),
  );
  expect(buttons.flatMap(({ props }) => props.params ?? []).map(({ variable }) => variable)).toEqual([
    'request_id',
    'request_id',
    'request_id',
  ]);
});

test('the guide lists the variables with their types, for whoever builds the card by hand', async () => {
  const { variableList } = await template();
  const rows = readPage('docs/dingtalk.md').text.matchAll(/^\| `(\w+)` \| (字符串|Markdown 内容)(, 私有)?/gm);
  const told = [...rows].map(([, name, type, isPrivate]) => ({
    name,
    type: type === '字符串' ? 'string' : 'markdown',
    private: isPrivate !== undefined,
  }));
  expect(told).toEqual(variableList);
});
