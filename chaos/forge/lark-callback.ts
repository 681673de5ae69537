import { randomBytes } from 'node:crypto';
import type { Cloud } from '../../local/cloud/cloud.ts';
import { encryptEvent, signEvent } from '../../local/lark/event-crypto.ts';
import { type ForgedCallback, spoil, WRONG_KEY, WRONG_TOKEN } from './forged-callback.ts';

const ATTEMPTS = ['token', 'key', 'unsigned', 'cut', 'garbage'] as const;

/** Says that this approval is granted, and is not Lark's. */
export const larkForgery = {
  attempts: ATTEMPTS,
  forge(attempt: (typeof ATTEMPTS)[number], instanceId: string, { state, workflows }: Cloud): ForgedCallback {
    const { app_id, tenant_key, encrypt_key, verification_token } = state.lark;
    const approval_code = workflows.workflows['onboarding']?.on.lark?.approval_code;
    const now = Date.now();
    const granted = { type: 'approval_instance', status: 'APPROVED', operate_time: String(now) };
    const event = { app_id, tenant_key, approval_code, instance_code: instanceId, ...granted };
    const token = attempt === 'token' ? WRONG_TOKEN : verification_token;
    const message = { ts: (now / 1000).toFixed(6), uuid: randomBytes(8).toString('hex'), token, event };
    const encryptKey = attempt === 'key' ? WRONG_KEY : encrypt_key;
    const plain = JSON.stringify({ ...message, type: 'event_callback' });
    const sealed = JSON.stringify({ encrypt: encryptEvent(plain, encryptKey, randomBytes(16)) });
    const [timestamp, nonce] = [String(Math.floor(now / 1000)), randomBytes(6).toString('hex')];
    const signature = signEvent({ timestamp, nonce, encryptKey, body: Buffer.from(sealed) });
    const headers = { 'x-lark-request-timestamp': timestamp, 'x-lark-request-nonce': nonce };
    const signed = { ...headers, 'x-lark-signature': signature };
    return { query: '', headers: attempt === 'unsigned' ? headers : signed, body: spoil(attempt, sealed) };
  },
};
