import { randomBytes } from 'node:crypto';
import { callHttp } from '../../../shared/http/call.ts';
import { configuredSources, createSources } from '../../../shared/platforms/create-sources.ts';
import type { Variables } from '../../../shared/platforms/tools.ts';
import { AES_KEY, callback as dingtalkCallback, APPROVED as GRANTED } from './dingtalk/sealed-callback.ts';
import { APPROVED, CHALLENGE, callback, plainCallback, unsigned } from './lark/sealed-callback.ts';

const DINGTALK: Variables = {
  DINGTALK_CORP_ID: 'dingcorp',
  DINGTALK_APP_KEY: 'dingapp',
  DINGTALK_APP_SECRET: 's',
  DINGTALK_CALLBACK_TOKEN: 't',
  DINGTALK_CALLBACK_AES_KEY: AES_KEY,
};
const LARK: Variables = { LARK_APP_ID: 'cli_1', LARK_APP_SECRET: 's', LARK_VERIFICATION_TOKEN: 't' };
const tools = { http: callHttp, randomBytes, clock: { now: () => 0, sleep: async () => undefined } };
const unset = (variables: Variables) => Object.fromEntries(Object.keys(variables).map((name) => [name, 'not-set']));

test.each<[string, Variables, string[]]>([
  ['DingTalk’s variables', DINGTALK, ['dingtalk']],
  ['Lark’s variables', LARK, ['lark']],
  ['both', { ...LARK, ...DINGTALK }, ['dingtalk', 'lark']],
  ['DingTalk’s, with Lark’s not set', { ...DINGTALK, ...unset(LARK) }, ['dingtalk']],
  ['Lark’s, with DingTalk’s not set', { ...LARK, ...unset(DINGTALK) }, ['lark']],
  [
    'Lark’s, with addresses for both',
    { ...LARK, DINGTALK_API_ENDPOINT: 'http://x', DINGTALK_OAPI_ENDPOINT: 'http://x', LARK_ENDPOINT: 'http://x' },
    ['lark'],
  ],
])('%s make these sources: %#', (_, variables, names) => {
  expect(createSources(variables, tools).map(({ name }) => name)).toEqual(names);
  expect(configuredSources(variables)).toEqual(names);
});

test.each<[string, Variables]>([
  ['nothing', {}],
  ['nothing that counts', { ...unset(DINGTALK), ...unset(LARK), LARK_DOMAIN: 'lark', LARK_APP_ID: '' }],
])('with %s set, the error names both sets', (_, variables) => {
  expect(() => createSources(variables, tools)).toThrow(
    "the function's environment is wrong: no platform is configured; set DINGTALK_CORP_ID, DINGTALK_APP_KEY, DINGTALK_APP_SECRET, DINGTALK_CALLBACK_TOKEN, DINGTALK_CALLBACK_AES_KEY (dingtalk), or LARK_APP_ID, LARK_APP_SECRET, LARK_VERIFICATION_TOKEN (lark)",
  );
});

test.each<[string, Variables, string]>([
  [
    'DingTalk',
    { ...DINGTALK, DINGTALK_APP_SECRET: undefined, DINGTALK_CALLBACK_TOKEN: 'not-set' },
    'DINGTALK_APP_SECRET is not set; DINGTALK_CALLBACK_TOKEN is not set',
  ],
  ['Lark', { LARK_APP_SECRET: 's' }, 'LARK_APP_ID is not set; LARK_VERIFICATION_TOKEN is not set'],
  [
    'Lark beside a whole DingTalk',
    { ...DINGTALK, LARK_APP_ID: 'cli_1' },
    'LARK_APP_SECRET is not set; LARK_VERIFICATION_TOKEN is not set',
  ],
])('half of %s is named by what is missing', (_, variables, missing) => {
  expect(() => createSources(variables, tools)).toThrow(new Error(`the function's environment is wrong: ${missing}`));
});

test('each platform recognises its own callbacks, and not those of the other', () => {
  const sources = createSources({ ...DINGTALK, ...LARK }, tools);
  const requests = [
    dingtalkCallback(GRANTED),
    callback(APPROVED),
    unsigned(callback(CHALLENGE)),
    plainCallback(APPROVED),
    plainCallback(CHALLENGE),
    plainCallback('{"hello":1}'),
  ];
  const first = requests.map((request) => sources.find((source) => source.recognises(request))?.name);
  expect(first).toEqual(['dingtalk', 'lark', 'lark', 'lark', 'lark', undefined]);
});
