import * as z from 'zod/mini';
import type { CallHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';

export interface StreamApp {
  clientId: string;
  clientSecret: string;
  /** https://api.dingtalk.com */
  apiEndpoint: string;
  /** Of type CALLBACK, asked for beside the events. */
  callbackTopics: readonly string[];
}

const openedSchema = z.object({
  endpoint: z.string().check(z.regex(/^wss?:\/\/[A-Za-z0-9.:-]+\/[\w./-]*$/)),
  ticket: z.string().check(z.minLength(1)),
});
const refusedSchema = z.object({ code: z.string().check(z.regex(/^[\w.-]{1,128}$/)) });

/**
 * Asks for the address of one connection; its ticket is good for 90 s and for one connection.
 * https://opensource.dingtalk.com/developerpedia/docs/learn/stream/protocol
 */
export async function openEndpoint(app: StreamApp, http: CallHttp, signal: AbortSignal): Promise<string> {
  const { clientId, clientSecret, apiEndpoint, callbackTopics } = app;
  const answer = await http({
    service: 'dingtalk',
    method: 'POST',
    url: `${apiEndpoint}/v1.0/gateway/connections/open`,
    // Without `accept` the answer may be XML.
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      clientId,
      clientSecret,
      ua: 'approval-loop',
      // Which events there are is chosen in the console: here only all of them can be asked for.
      subscriptions: [{ type: 'EVENT', topic: '*' }, ...callbackTopics.map((topic) => ({ type: 'CALLBACK', topic }))],
    }),
    timeoutMs: 8_000,
    signal,
  });
  const json = parseJson(answer.body);
  const opened = openedSchema.safeParse(json);
  if (answer.status === 200 && opened.success)
    return `${opened.data.endpoint}?ticket=${encodeURIComponent(opened.data.ticket)}`;
  const code = refusedSchema.safeParse(json).data?.code ?? 'no usable answer';
  throw new Error(`the gateway gave no connection: HTTP ${answer.status}, ${code}`);
}
