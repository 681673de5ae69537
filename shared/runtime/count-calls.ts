import type { CallHttp } from '../http/call.ts';
import { PLATFORM_NAMES } from '../ids.ts';
import type { Usage } from '../journal/usage.ts';

/** Counts every call to a platform, refused and lost ones too. */
export function countCalls(http: CallHttp, usage: Usage): CallHttp {
  return (call) => {
    const platform = PLATFORM_NAMES.find((name) => name === call.service);
    if (platform) usage.count(platform, new URL(call.url).pathname.startsWith('/robot/') ? 'webhook' : 'api');
    return http(call);
  };
}
