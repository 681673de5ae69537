import { type CallHttp, callHttp } from '../shared/http/call.ts';
import { PEOPLE_AGENT } from './disturb.ts';

/** How people and strangers call: nothing disturbs it. */
export const peopleHttp: CallHttp = (call) =>
  callHttp({ ...call, headers: { ...call.headers, 'user-agent': PEOPLE_AGENT }, timeoutMs: 10_000 });
