import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { registerCardRoute } from '../../setup/register-card-route.ts';
import type { Clock } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { createDingtalkClient } from '../../shared/platforms/dingtalk/client.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { createDingtalk, type Dingtalk } from '../dingtalk/dingtalk.ts';
import { createLark, type Lark } from '../lark/lark.ts';
import type { EventWay } from './cloud.ts';
import type { CloudState } from './cloud-state.ts';
import { dingtalkOrganisation } from './dingtalk-organisation.ts';
import { CARD_ROUTE, cardSecretOf } from './function-variables.ts';
import { larkOrganisation } from './lark-organisation.ts';
import type { LocalValues } from './placeholders.ts';
import type { RealPlatforms } from './real-platforms.ts';
import { startAppsOf } from './start-apps.ts';
import type { Closers, Tools } from './start-services.ts';

export interface Platforms {
  dingtalk: Dingtalk;
  lark: Lark;
}

/** Both chat platforms with the same company in them; one that no workflow and no chat uses stays without any. */
export async function startPlatforms(
  { directory, workflows, local, state, startApps = false }: PlatformOptions,
  tools: Tools,
  closers: Closers,
): Promise<Platforms> {
  const others = startAppsOf(state);
  const common = { ...tools, wire: tools.signatureClock, randomBytes, callHttp };
  const dingtalk = await createDingtalk({
    ...common,
    directory: join(directory, 'dingtalk'),
    organisation: dingtalkOrganisation(workflows, local.dingtalk, state.dingtalk, {
      startApp: others.dingtalk,
      isUsed: startApps,
    }),
  });
  closers.push(() => dingtalk.close());
  const lark = await createLark({
    ...common,
    directory: join(directory, 'lark'),
    organisation: larkOrganisation(workflows, local.lark, state.lark, { startApp: others.lark, isUsed: startApps }),
  });
  closers.push(() => lark.close());
  return { dingtalk, lark };
}

export interface PlatformOptions {
  directory: string;
  workflows: Workflows;
  local: LocalValues;
  state: CloudState;
  eventWays: readonly EventWay[];
  real: RealPlatforms;
  /** Whether a second app of each starts approvals, and the first may not. */
  startApps?: boolean;
}

/** What an administrator does in the consoles of the platforms that are used: how events are told, and where. */
export async function subscribeToEvents(
  { dingtalk, lark }: Platforms,
  { local, state, workflows, eventWays, real }: PlatformOptions,
  url: string,
  urls: { dingtalk: string; lark: string },
  tools: Tools,
): Promise<void> {
  const cardCallbacks = Object.values(workflows.workflows).some(({ buttons }) => buttons);
  const [byCallback, byConnection] = [eventWays.includes('callback'), eventWays.includes('connection')];
  const subscribeTo: Record<PlatformName, () => Promise<void>> = {
    async dingtalk() {
      if (byConnection) {
        dingtalk.setStreamSubscription({});
        dingtalk.setBotStream(urls.dingtalk);
      }
      if (!byCallback) return;
      const { callback_token: token, callback_aes_key: aesKey, app_key: ownerKey } = state.dingtalk;
      dingtalk.setEventSubscription({ url, token, aesKey, ownerKey });
      await pressSave(dingtalk.verifyEventSubscription, tools.signatureClock);
      if (cardCallbacks) await registerCards(state.dingtalk, url, urls.dingtalk, tools);
      dingtalk.setBotCallback(url, urls.dingtalk);
    },
    async lark() {
      if (byConnection) lark.setConnectionSubscription({ events: LARK_EVENTS });
      if (!byCallback) return;
      const { verification_token: verificationToken, encrypt_key: encryptKey } = state.lark;
      lark.setEventSubscription({ url, verificationToken, encryptKey, events: LARK_EVENTS, cardCallbacks });
      await pressSave(lark.verifyEventSubscription, tools.signatureClock);
    },
  };
  const embedded = local.platforms.filter((name) => !real.names.includes(name));
  for (const platform of embedded) await subscribeTo[platform]();
}

/** Ticked on the event page of Lark's app, whichever way they come. */
const LARK_EVENTS: ('approval_instance' | 'im.message.receive_v1')[] = ['approval_instance', 'im.message.receive_v1'];

/** What `callback register` does. */
async function registerCards(
  app: CloudState['dingtalk'],
  url: string,
  endpoint: string,
  { clock }: Tools,
): Promise<void> {
  const { app_key: appKey, app_secret: appSecret } = app;
  const config = { appKey, appSecret, apiEndpoint: endpoint, oapiEndpoint: endpoint };
  const client = createDingtalkClient(config, callHttp, clock);
  await registerCardRoute(client, { route: CARD_ROUTE, url, secret: cardSecretOf(app) });
}

const SAVES = 5;
const PAUSE_MS = 500;

/**
 * The consoles give an address a second or two to answer. On a busy machine, or with its sweep on every instance that the
 * function may have, it takes another press, after a moment as people need it.
 */
async function pressSave(verify: () => Promise<void>, { sleep }: Pick<Clock, 'sleep'>, left = SAVES): Promise<void> {
  try {
    await verify();
  } catch (error) {
    if (left <= 1) throw error;
    await sleep(PAUSE_MS);
    await pressSave(verify, { sleep }, left - 1);
  }
}
