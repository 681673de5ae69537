import type { CallbackRequest } from '../../shared/platforms/platform.ts';
import { APPROVED, type Posting, post, seal } from '../shared/platforms/dingtalk/sealed-callback.ts';
import type { Loop } from './start-loop.ts';

export interface CallbackOptions extends Posting {
  aesKey?: string;
  ownerKey?: string;
  /** Fields of the message that differ from an approval of our template. */
  message?: Partial<Record<keyof typeof APPROVED, string>>;
}

/** A callback as DingTalk would send it to this loop, but for what `options` say. */
export function genuine({ cloud }: Loop, instanceId: string, options: CallbackOptions = {}): CallbackRequest {
  const { state, workflows } = cloud;
  const processCode = workflows.workflows['onboarding']?.on.dingtalk?.process_code;
  const message = { ...APPROVED, CorpId: state.dingtalk.corp_id, processInstanceId: instanceId, processCode };
  const { aesKey = state.dingtalk.callback_aes_key, ownerKey = state.dingtalk.app_key } = options;
  const sealed = seal({ message: JSON.stringify({ ...message, ...options.message }), ownerKey }, { aesKey });
  return post(sealed, { token: state.dingtalk.callback_token, timestamp: String(Date.now()), ...options });
}

/** Sends it to the function's HTTP trigger and gives status and text of the answer. */
export async function postCallback({ cloud }: Loop, request: CallbackRequest) {
  const answer = await fetch(`${cloud.ingestUrl}/?${new URLSearchParams({ ...request.query })}`, {
    method: request.method,
    headers: { ...request.headers },
    ...(request.method === 'GET' ? {} : { body: new Uint8Array(request.body) }),
  });
  return { status: answer.status, text: await answer.text() };
}
