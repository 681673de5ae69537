import { randomBytes } from 'node:crypto';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { encryptEvent, signEvent } from '../../local/lark/event-crypto.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { encrypt, parseAesKey, sign } from '../../shared/platforms/dingtalk/callback-crypto.ts';

/** An approval that is granted, as its callback names it. */
interface Granted {
  instanceId: string;
  code: string;
}

/** What a request to the callback URL holds beside the method. */
interface Sealed {
  query: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends an approval's callback the way the platform does, encrypted and signed: with the app's own secrets it is genuine,
 * with others it is a forgery. Returns the HTTP status of the answer.
 */
export async function sendCallback(
  cloud: CloudDescription,
  platform: PlatformName,
  approval: Granted,
  genuine: boolean,
): Promise<number> {
  const { query, headers, body } = SEAL[platform](cloud, approval, genuine);
  const answer = await callHttp({
    service: 'ingest',
    method: 'POST',
    url: `${cloud.functions.ingest}/${query}`,
    headers: { 'content-type': 'application/json', ...headers },
    body,
    timeoutMs: 10_000,
  });
  return answer.status;
}

const SEAL = { dingtalk: sealDingtalk, lark: sealLark };
const ANOTHER = 'NotTheSecretOfThisApp';

function sealDingtalk({ dingtalk }: CloudDescription, { instanceId, code }: Granted, genuine: boolean): Sealed {
  const now = Date.now();
  const message = {
    EventType: 'bpms_instance_change',
    EventTime: now,
    CorpId: dingtalk.corp_id,
    processInstanceId: instanceId,
    processCode: code,
    type: 'finish',
    result: 'agree',
    staffId: 'zhangsan',
    title: 'demo',
    createTime: now,
    finishTime: now,
  };
  const key = parseAesKey(dingtalk.callback_aes_key) ?? Buffer.alloc(32);
  const sealed = encrypt(JSON.stringify(message), dingtalk.app_key, key, randomBytes(16));
  const timestamp = String(now);
  const nonce = randomBytes(8).toString('hex');
  const signature = sign(genuine ? dingtalk.callback_token : ANOTHER, timestamp, nonce, sealed);
  const query = new URLSearchParams({ signature, msg_signature: signature, timestamp, nonce });
  return { query: `?${query}`, headers: {}, body: JSON.stringify({ encrypt: sealed }) };
}

function sealLark({ lark }: CloudDescription, { instanceId, code }: Granted, genuine: boolean): Sealed {
  const now = Date.now();
  const event = {
    app_id: lark.app_id,
    tenant_key: lark.tenant_key,
    type: 'approval_instance',
    approval_code: code,
    instance_code: instanceId,
    status: 'APPROVED',
    operate_time: String(now),
    instance_operate_time: String(now),
    uuid: '',
  };
  const token = lark.verification_token;
  const ts = (now / 1000).toFixed(6);
  const envelope = { ts, uuid: randomBytes(16).toString('hex'), token, type: 'event_callback', event };
  const body = JSON.stringify({ encrypt: encryptEvent(JSON.stringify(envelope), lark.encrypt_key, randomBytes(16)) });
  const timestamp = String(Math.floor(now / 1000));
  const nonce = randomBytes(8).toString('hex');
  const encryptKey = genuine ? lark.encrypt_key : ANOTHER;
  const signature = signEvent({ timestamp, nonce, encryptKey, body: Buffer.from(body) });
  const headers = {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': signature,
  };
  return { query: '', headers, body };
}
