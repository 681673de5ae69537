import { randomBytes } from 'node:crypto';
import type { Cloud } from '../local/cloud/cloud.ts';
import { encryptMessage, signCallback } from '../local/dingtalk/callback-crypto.ts';
import { type CloudEventInput, createEventPublisher } from '../shared/alicloud/put-events.ts';
import { createSystemClock } from '../shared/clock.ts';
import { type CallHttp, callHttp } from '../shared/http/call.ts';
import { PEOPLE_AGENT } from './disturb.ts';
import type { Draws } from './draws.ts';
import type { Submitted } from './oracle.ts';

/** What a stranger may try, and how often: events need a key to the bus, callbacks nothing but the URL. */
const ATTEMPTS = { event_unknown: 25, event_of_other: 25, token: 10, key: 10, owner: 10, cut: 10, garbage: 10 };
type Attempt = keyof typeof ATTEMPTS;
const OTHER_TOKEN = 'NotTheTokenOfThisApp';
const OTHER_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
/** An employee that no order is about: an account of this number has been made for a forgery. */
const STRANGER = 'E66666666';

export interface ForgeOptions {
  cloud: Cloud;
  /** Real requests, which a forgery may be about. */
  submitted: readonly Submitted[];
  draws: Draws;
}

export interface Forgery {
  attempt: Attempt;
  /** Set if it was a callback: the status of its answer. */
  status?: number;
}

/** Tries one forgery. Rejects where the service was not there to be deceived. */
export async function forge(options: ForgeOptions): Promise<Forgery> {
  const { draws, submitted } = options;
  const attempt = draws.weighted('forge/attempt', ATTEMPTS) ?? 'token';
  const nobody = `forged-${Math.floor(draws.next('forge/id') * 1e9)}`;
  const other = submitted[Math.floor(draws.next('forge/other') * submitted.length)];
  if (attempt === 'event_unknown' || attempt === 'event_of_other') {
    const isUnknown = attempt === 'event_unknown' || !other;
    await publish(eventOf(isUnknown ? `dingtalk.${nobody}` : other.requestId, draws), options.cloud);
    return { attempt };
  }
  // Most tempting is what the approver has declined.
  const declined = submitted.findLast(({ order }) => order.expected === 'nothing');
  const target = draws.next('forge/target') < 0.5 ? declined : undefined;
  return { attempt, status: await post(attempt, target?.requestId.slice('dingtalk.'.length) ?? nobody, options.cloud) };
}

const ownHttp: CallHttp = (call) =>
  callHttp({ ...call, headers: { ...call.headers, 'user-agent': PEOPLE_AGENT }, timeoutMs: 10_000 });

/** An event as one of the functions would publish it, but for what it says. */
function eventOf(requestId: string, draws: Draws): CloudEventInput {
  const about = { id: randomBytes(8).toString('hex'), subject: requestId, time: new Date().toISOString() };
  const data = { request_id: requestId };
  const kind = draws.pick('forge/event', ['ProvisionRequest', 'ProvisionStarted', 'ProvisionRefused']);
  switch (kind) {
    case 'ProvisionStarted': {
      const run = { invoke_id: 't-forged', command: 'approval-loop-dev-onboarding', instances: ['i-forged'] };
      return { ...about, source: 'approval-loop.dispatch', type: kind, data: { ...data, ...run } };
    }
    case 'ProvisionRefused':
      return { ...about, source: 'approval-loop.ingest', type: kind, data: { ...data, code: 'not_approved' } };
    default: {
      const what = { workflow: 'onboarding', action: 'provision', parameters: { emp_id: STRANGER, role: 'devops' } };
      return { ...about, source: 'dingtalk.approval', type: 'ProvisionRequest', data: { ...data, ...what } };
    }
  }
}

async function publish(event: CloudEventInput, { endpoints, state, names }: Cloud): Promise<void> {
  const publisher = createEventPublisher({
    endpoint: `http://${endpoints.event_bridge}`,
    credentials: () => ({ accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret }),
    http: ownHttp,
    clock: createSystemClock(),
    nonce: () => randomBytes(16).toString('hex'),
  });
  await publisher.putEvents(names.bus, [event]);
}

/** Posts a callback that says that this approval is granted, and is not DingTalk's; gives the status of the answer. */
async function post(attempt: Attempt, instanceId: string, cloud: Cloud): Promise<number> {
  const { callback_token, callback_aes_key, app_key, corp_id } = cloud.state.dingtalk;
  const processCode = cloud.workflows.workflows['onboarding']?.on.dingtalk?.process_code;
  const approval = { EventType: 'bpms_instance_change', type: 'finish', result: 'agree', staffId: 'zhangsan' };
  const message = { ...approval, CorpId: corp_id, processInstanceId: instanceId, processCode };
  const key = {
    aesKey: attempt === 'key' ? OTHER_KEY : callback_aes_key,
    ownerKey: attempt === 'owner' ? 'dingsomebodyelse' : app_key,
  };
  const sealing = { random: randomBytes(16), paddingBlockBytes: 32 } as const;
  const encrypt = encryptMessage(JSON.stringify(message), key, sealing);
  const token = attempt === 'token' ? OTHER_TOKEN : callback_token;
  const signed = { timestamp: String(Date.now()), nonce: randomBytes(6).toString('hex') };
  const signature = signCallback({ token, ...signed, encrypt });
  const body = bodyOf(attempt, JSON.stringify({ encrypt }));
  const query = new URLSearchParams({ ...signed, signature, msg_signature: signature });
  const headers = { 'content-type': 'application/json' };
  const url = `${cloud.ingestUrl}/?${query}`;
  return (await ownHttp({ service: 'forger', method: 'POST', url, headers, body })).status;
}

function bodyOf(attempt: Attempt, genuine: string): string {
  if (attempt === 'cut') return genuine.slice(0, genuine.length / 2);
  if (attempt === 'garbage') return genuine.replace(/.{8}"}$/, '你好世界"}');
  return genuine;
}
