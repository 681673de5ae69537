import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { encryptMessage, signCallback } from '../../local/dingtalk/callback-crypto.ts';
import { type ForgedCallback, spoil, WRONG_KEY, WRONG_TOKEN } from './forged-callback.ts';

const ATTEMPTS = ['token', 'key', 'owner', 'cut', 'garbage'] as const;

/** Says that this approval is granted, and is not DingTalk's. */
export const dingtalkForgery = {
  attempts: ATTEMPTS,
  forge(attempt: (typeof ATTEMPTS)[number], instanceId: string, { state, workflows }: Cloud): ForgedCallback {
    const { callback_token, callback_aes_key, app_key, corp_id } = state.dingtalk;
    const processCode = workflows.workflows['onboarding']?.on.dingtalk?.process_code;
    const approval = { EventType: 'bpms_instance_change', type: 'finish', result: 'agree', staffId: 'zhangsan' };
    const message = { ...approval, CorpId: corp_id, processInstanceId: instanceId, processCode };
    const key = {
      aesKey: attempt === 'key' ? WRONG_KEY : callback_aes_key,
      ownerKey: attempt === 'owner' ? 'dingsomebodyelse' : app_key,
    };
    const sealing = { random: randomBytes(16), paddingBlockBytes: 32 } as const;
    const encrypt = encryptMessage(JSON.stringify(message), key, sealing);
    const token = attempt === 'token' ? WRONG_TOKEN : callback_token;
    const signed = { timestamp: String(Date.now()), nonce: randomBytes(6).toString('hex') };
    const signature = signCallback({ token, ...signed, encrypt });
    const query = new URLSearchParams({ ...signed, signature, msg_signature: signature });
    return { query: `?${query}`, headers: {}, body: spoil(attempt, JSON.stringify({ encrypt })) };
  },
};
