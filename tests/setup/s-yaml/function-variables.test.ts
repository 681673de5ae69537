import { functionVariables } from '../../../setup/s-yaml/function-variables.ts';

const variable = (name: string) => ['$', '{', name, '}'].join('');

/** A workflows.yaml with this chat and nothing else. */
const withChat = (chat: object) => ({ chats: { ops: chat }, workflows: {} });

/** What notify needs beside its environment's name, where s.yaml gives it these variables. */
const needed = (chat: object, ...given: string[]) =>
  functionVariables('notify', withChat(chat), given).needed.filter((name) => name !== 'LOOP_ENVIRONMENT');

const ROBOT = { dingtalk: { robot: { access_token: variable('TOKEN'), secret: variable('SECRET') } } };
const GROUP = { dingtalk: { group: { conversation: variable('GROUP') } } };
const BOT = { lark: { bot: { token: variable('BOT') } } };
const CHAT = { lark: { chat_id: variable('CHAT') } };

describe('the platforms of notify', () => {
  test.each([
    ['a custom robot of DingTalk', ROBOT, 'DINGTALK_CORP_ID', ['DINGTALK_CORP_ID', 'TOKEN', 'SECRET']],
    [
      'a group of DingTalk with the app’s own robot',
      GROUP,
      'DINGTALK_CORP_ID',
      ['DINGTALK_CORP_ID', 'GROUP', 'DINGTALK_APP_KEY', 'DINGTALK_APP_SECRET'],
    ],
    ['a custom bot of Lark', BOT, 'LARK_APP_ID', ['LARK_APP_ID', 'BOT']],
    ['a group of Lark with the app’s own bot', CHAT, 'LARK_APP_ID', ['LARK_APP_ID', 'CHAT', 'LARK_APP_SECRET']],
  ])('%s needs what writes there', (_what, chat, given, all) => {
    expect(needed(chat, given)).toEqual(all);
  });

  test.each([
    ['operators', { operators: { dingtalk: ['wangwu'], lark: ['ou_1'] } }],
    ['comments', { workflows: { onboarding: { comment_as: { dingtalk: 'wangwu', lark: 'ou_1' } } } }],
  ])('need the app for %s, whatever the chats are', (_what, more) => {
    const variables = (given: string) =>
      functionVariables('notify', { ...withChat({ ...ROBOT, ...BOT }), ...more }, [given]).needed;
    expect(variables('DINGTALK_CORP_ID')).toEqual(expect.arrayContaining(['DINGTALK_APP_KEY', 'DINGTALK_APP_SECRET']));
    expect(variables('LARK_APP_ID')).toContain('LARK_APP_SECRET');
    expect(needed({ ...ROBOT, ...BOT }, 'LARK_APP_ID')).not.toContain('LARK_APP_SECRET');
  });

  test('presses over HTTP need the secret that lets them in', () => {
    const ofIngest = (...given: string[]) => functionVariables('ingest', withChat(GROUP), given).needed;
    expect(ofIngest('DINGTALK_CORP_ID', 'DINGTALK_CARD_ROUTE')).toContain('DINGTALK_CARD_SECRET');
    expect(ofIngest('DINGTALK_CORP_ID')).not.toContain('DINGTALK_CARD_SECRET');
  });

  test('are those whose variable is given: what the file has for another is not needed', () => {
    expect(needed({ ...ROBOT, ...CHAT }, 'DINGTALK_CORP_ID')).toEqual(['DINGTALK_CORP_ID', 'TOKEN', 'SECRET']);
    expect(needed({ ...ROBOT, ...CHAT }, 'LARK_APP_ID')).toEqual(['LARK_APP_ID', 'CHAT', 'LARK_APP_SECRET']);
  });

  test('are all named where none is given, for without any it does not start', () => {
    expect(needed({ ...ROBOT, ...BOT })).toEqual(['DINGTALK_CORP_ID', 'LARK_APP_ID', 'TOKEN', 'SECRET', 'BOT']);
  });

  test('may be both, and each reads what it knows', () => {
    const { known } = functionVariables('notify', withChat({ ...GROUP, ...CHAT }));
    for (const name of ['DINGTALK_APP_KEY', 'LARK_APP_SECRET', 'LARK_DOMAIN', 'GROUP', 'CHAT'])
      expect(known).toContain(name);
  });
});
