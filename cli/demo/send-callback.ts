import { randomBytes } from 'node:crypto';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { callHttp } from '../../shared/http/call.ts';
import { encrypt, parseAesKey, sign } from '../../shared/platforms/dingtalk/callback-crypto.ts';

/**
 * Sends an approval's callback the way DingTalk does, encrypted and signed, with the token given here: with the right
 * one it is genuine, with another one it is a forgery. Returns the HTTP status of the answer.
 */
export async function sendCallback(
  cloud: CloudDescription,
  approval: { instanceId: string; processCode: string },
  token = cloud.dingtalk.callback_token,
): Promise<number> {
  const now = Date.now();
  const message = {
    EventType: 'bpms_instance_change',
    EventTime: now,
    CorpId: cloud.dingtalk.corp_id,
    processInstanceId: approval.instanceId,
    processCode: approval.processCode,
    type: 'finish',
    result: 'agree',
    staffId: 'zhangsan',
    title: 'demo',
    createTime: now,
    finishTime: now,
  };
  const key = parseAesKey(cloud.dingtalk.callback_aes_key) ?? Buffer.alloc(32);
  const sealed = encrypt(JSON.stringify(message), cloud.dingtalk.app_key, key, randomBytes(16));
  const timestamp = String(now);
  const nonce = randomBytes(8).toString('hex');
  const signature = sign(token, timestamp, nonce, sealed);
  const query = new URLSearchParams({ signature, msg_signature: signature, timestamp, nonce });
  const answer = await callHttp({
    service: 'ingest',
    method: 'POST',
    url: `${cloud.functions.ingest}/?${query}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ encrypt: sealed }),
    timeoutMs: 10_000,
  });
  return answer.status;
}
