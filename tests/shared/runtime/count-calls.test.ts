import type { HttpCall } from '../../../shared/http/call.ts';
import { countCalls } from '../../../shared/runtime/count-calls.ts';

test.each([
  ['dingtalk', 'https://oapi.dingtalk.com/robot/send?access_token=x', 'dingtalk webhook'],
  ['dingtalk', 'https://api.dingtalk.com/v1.0/robot/groupMessages/send', 'dingtalk api'],
  ['dingtalk', 'https://api.dingtalk.com/v1.0/card/instances', 'dingtalk api'],
  ['lark', 'https://open.feishu.cn/open-apis/bot/v2/hook/token', 'lark webhook'],
  ['lark', 'https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id', 'lark api'],
  ['oss', 'https://oss/robot/send', undefined],
])('a call of %s to %s counts as %s, also one that fails', async (service, url, counted) => {
  const counts: string[] = [];
  const usage = {
    count: (platform: string, pot: string) => void counts.push(`${platform} ${pot}`),
    flush: async () => undefined,
    level: async () => 'plenty' as const,
  };
  const call: HttpCall = { service, method: 'POST', url };
  const http = countCalls(async () => Promise.reject(new Error('no answer')), usage);
  await expect(http(call)).rejects.toThrow('no answer');
  expect(counts).toEqual(counted === undefined ? [] : [counted]);
});
