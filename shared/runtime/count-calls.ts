import type { CallHttp } from '../http/call.ts';
import { PLATFORM_NAMES } from '../ids.ts';
import type { Usage } from '../journal/usage.ts';

/** Custom robots of DingTalk, custom bots of Lark. */
const WEBHOOK = /^\/(robot\/|open-apis\/bot\/v2\/hook\/)/;

/** Counts every call to a platform, refused and lost ones too. */
export function countCalls(http: CallHttp, usage: Usage): CallHttp {
  return (call) => {
    const platform = PLATFORM_NAMES.find((name) => name === call.service);
    if (platform) usage.count(platform, WEBHOOK.test(new URL(call.url).pathname) ? 'webhook' : 'api');
    return http(call);
  };
}
