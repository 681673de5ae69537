import { randomBytes } from 'node:crypto';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { createDingtalkMessenger } from '../../../../shared/platforms/dingtalk/create-messenger.ts';
import { createDingtalkSource } from '../../../../shared/platforms/dingtalk/create-source.ts';
import type { PlatformTools, Variables } from '../../../../shared/platforms/tools.ts';
import { PROCESS_CODE, startDingtalk } from '../../../local/dingtalk/start-dingtalk.ts';
import { NOW } from './open-sample.ts';
import { AES_KEY, APPROVED, callback, openReply, TOKEN } from './sealed-callback.ts';

const VARIABLES: Variables = {
  DINGTALK_CORP_ID: 'dingcorp',
  DINGTALK_APP_KEY: 'dingapp',
  DINGTALK_APP_SECRET: 'app-secret',
  DINGTALK_CALLBACK_TOKEN: TOKEN,
  DINGTALK_CALLBACK_AES_KEY: AES_KEY,
};
const tools = (http = callHttp): PlatformTools => ({
  http,
  randomBytes,
  clock: { now: () => NOW, sleep: async () => undefined },
});

describe('the source', () => {
  test.each([
    ['the app key and the corp id', undefined, ['dingapp', 'dingcorp']],
    ['those that are listed, and no others', 'suite1, corp2 ', ['suite1', 'corp2']],
    ['no empty one where a comma is too many', 'suite1,,', ['suite1']],
    ['none where nothing but commas is listed', ' , ', []],
  ])('accepts as owner keys %s', (_, listed, accepted) => {
    const source = createDingtalkSource({ ...VARIABLES, DINGTALK_CALLBACK_OWNER_KEYS: listed }, tools());
    const all = ['dingapp', 'dingcorp', 'suite1', 'corp2', ''];
    expect(all.filter((ownerKey) => source.openCallback(callback(APPROVED, { ownerKey })).kind === 'event')).toEqual(
      accepted,
    );
  });

  test('answers with its clock’s time', () => {
    const source = createDingtalkSource(VARIABLES, tools());
    expect(source).toMatchObject({ name: 'dingtalk', tenant: 'dingcorp' });
    expect(openReply(source.openCallback(callback(APPROVED)).reply)).toMatchObject({
      timeStamp: String(NOW),
      signed: true,
    });
  });

  test('reads approvals at the addresses it is given', async () => {
    const { origin, createInstance, close } = await startDingtalk();
    const source = createDingtalkSource(
      { ...VARIABLES, DINGTALK_API_ENDPOINT: origin, DINGTALK_OAPI_ENDPOINT: origin },
      tools(),
    );
    const instance_id = await createInstance();
    const read = await source.readApproval({ instance_id, code: PROCESS_CODE });
    expect(read).toMatchObject({ kind: 'approval', approval: { requester: { name: '张三' } } });
    await close();
  });

  test('reads approvals at DingTalk’s own by default', async () => {
    const urls: string[] = [];
    const http = async ({ url }: HttpCall) => {
      urls.push(url);
      return { status: 200, headers: {}, body: Buffer.from('{"accessToken":"t","expireIn":7200}') };
    };
    const reading = createDingtalkSource(VARIABLES, tools(http)).readApproval({ instance_id: 'a/b', code: 'c' });
    await expect(reading).rejects.toMatchObject({ code: 'dingtalk.bad_answer' });
    expect(urls).toEqual([
      'https://api.dingtalk.com/v1.0/oauth2/accessToken',
      'https://api.dingtalk.com/v1.0/workflow/processInstances?processInstanceId=a%2Fb',
    ]);
  });

  test('names every variable that is missing or malformed, once', () => {
    const variables = {
      DINGTALK_CORP_ID: 'c',
      DINGTALK_APP_KEY: '',
      DINGTALK_CALLBACK_TOKEN: 't',
      DINGTALK_CALLBACK_AES_KEY: 'secret',
      DINGTALK_API_ENDPOINT: 'https://x/path',
    };
    expect(() => createDingtalkSource(variables, tools())).toThrow(
      new Error(
        "the function's environment is wrong: DINGTALK_API_ENDPOINT must be http(s)://host[:port] without a path; DINGTALK_APP_KEY is not set; DINGTALK_APP_SECRET is not set; DINGTALK_CALLBACK_AES_KEY must be the 43 characters of EncodingAESKey",
      ),
    );
  });
});

describe('the messenger', () => {
  const chats = {
    'it-ops': { dingtalk: { robot: { access_token: 'robot-token', secret: 'SEC-robot' } } },
    'lark-only': {},
  };

  test('needs the corp id alone', () => {
    expect(createDingtalkMessenger({ DINGTALK_CORP_ID: 'c' }, chats, tools()).name).toBe('dingtalk');
    expect(() => createDingtalkMessenger({}, chats, tools())).toThrow('DINGTALK_CORP_ID is not set');
  });

  test('links to the approval by ids alone', () => {
    const messenger = createDingtalkMessenger({ DINGTALK_CORP_ID: 'ding&corp' }, chats, tools());
    expect(messenger.approvalLink('pi-1_A')).toBe(
      'https://applink.dingtalk.com/approval/detail?corpId=ding%26corp&instanceId=pi-1_A',
    );
  });

  test('sends to a chat by its name', async () => {
    const { origin, dingtalk, close } = await startDingtalk();
    const variables = { DINGTALK_CORP_ID: 'c', DINGTALK_OAPI_ENDPOINT: origin };
    const channel = createDingtalkMessenger(variables, chats, tools()).channel('it-ops');
    const blocks = [{ name: 'reason', text: '完成 🎉' }] as const;
    const content = { title: '入职', blocks, tone: 'success', mention: ['zhangsan'] } as const;
    expect(await channel?.post({ ...content, idempotencyKey: 'k' })).toBe('');
    expect(dingtalk.messages()).toMatchObject([
      { chat: 'it-ops', title: '入职', text: '### 入职\n\n完成 🎉\n\n@zhangsan', at: { userIds: ['zhangsan'] } },
    ]);
    await close();
  });

  test.each(['lark-only', 'unknown'])('has no channel to %s', (chat) => {
    expect(createDingtalkMessenger({ DINGTALK_CORP_ID: 'c' }, chats, tools()).channel(chat)).toBeUndefined();
  });

  test('escapes the text of others', () => {
    expect(createDingtalkMessenger({ DINGTALK_CORP_ID: 'c' }, chats, tools()).escape('**@all**')).toBe('＊＊＠all＊＊');
  });
});
