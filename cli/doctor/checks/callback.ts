import { randomUUID } from 'node:crypto';
import { createCallbackSender } from '../../../local/dingtalk/callback-sender.ts';
import { createEventSender } from '../../../local/lark/event-sender.ts';
import { isSet } from '../../../shared/config/environment.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import type { Check } from '../check.ts';
import { error, type Finding } from '../finding.ts';
import type { Admitted } from '../patient.ts';

const TIMEOUT_MS = 10_000;
/** What counts in operation: Lark waits so long for the answer to an event, and for that to a challenge one second. */
const EVENT_MS = 3_000;

/** Calls the address as the consoles do when it is saved: with what the function has for token and key. */
export const callback: Check = {
  name: 'callback',
  fine: 'the address answers the check of the platforms',
  needs: ['fc'],
  async look(patient) {
    const trigger = patient.functions.get('ingest')?.triggers.find(({ type }) => type === 'http');
    const { url } = trigger ?? {};
    // A function or trigger that is not there is named with the functions.
    if (url === undefined) return [];
    return (await Promise.all(patient.platforms.map((platform) => checkFor(platform, url, patient)))).flat();
  },
};

async function checkFor(platform: PlatformName, url: string, patient: Admitted): Promise<Finding[]> {
  const reason = await press(() => ASK[platform](url, patient, AbortSignal.timeout(TIMEOUT_MS)));
  if (reason === undefined) return [];
  const mend = `see the log of ingest ("callback rejected"); then ${patient.deployCommand} and save the address again in the console`;
  return [error(`callback of ${platform}`, reason, mend)];
}

/** The consoles wait a second or two, and a function that starts may take longer: then one saves again. */
const PRESSES = 3;

async function press(ask: () => Promise<string | undefined>, left = PRESSES): Promise<string | undefined> {
  const reason = await ask();
  return reason === undefined || left <= 1 ? reason : press(ask, left - 1);
}

type Ask = (url: string, patient: Admitted, signal: AbortSignal) => Promise<string | undefined>;

/** Undefined, or what is wrong with the answer. A variable that is missing is named with the functions. */
const ASK: Record<PlatformName, Ask> = {
  async dingtalk(url, { variables, tools: { clock, randomBytes, http } }, signal) {
    const { DINGTALK_CALLBACK_TOKEN: token, DINGTALK_CALLBACK_AES_KEY: aesKey, DINGTALK_APP_KEY: ownerKey } = variables;
    if (!isSet(token) || !isSet(aesKey) || !isSet(ownerKey)) return undefined;
    const subscription = { url, token, aesKey, ownerKey, events: [], paddingBlockBytes: 32 as const };
    const sender = createCallbackSender({ clock, randomBytes, callHttp: http });
    const outcome = await sender.send(subscription, { EventType: 'check_url' }, signal);
    return outcome.accepted ? undefined : outcome.reason;
  },
  async lark(url, { variables, tools: { clock, randomBytes, http } }, signal) {
    const { LARK_VERIFICATION_TOKEN: verificationToken, LARK_ENCRYPT_KEY } = variables;
    if (!isSet(verificationToken)) return undefined;
    const encryptKey = isSet(LARK_ENCRYPT_KEY) ? { encryptKey: LARK_ENCRYPT_KEY } : {};
    const subscription = { url, verificationToken, ...encryptKey, events: [], cardCallbacks: false };
    const common = { clock, newId: randomUUID, randomBytes, callHttp: http };
    return createEventSender({ ...common, challengeWithinMs: EVENT_MS }).challenge(subscription, signal);
  },
};
