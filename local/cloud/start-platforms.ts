import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { PermanentError } from '../../shared/errors.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { createLarkClient } from '../../shared/platforms/lark/client.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { createDingtalk, type Dingtalk } from '../dingtalk/dingtalk.ts';
import { createLark, type Lark } from '../lark/lark.ts';
import type { CloudState } from './cloud-state.ts';
import { dingtalkOrganisation } from './dingtalk-organisation.ts';
import { larkOrganisation } from './lark-organisation.ts';
import type { LocalValues } from './placeholders.ts';
import type { Closers, Tools } from './start-services.ts';

export interface Platforms {
  dingtalk: Dingtalk;
  lark: Lark;
}

/** Both chat platforms with the same company in them; one that no workflow and no chat uses stays without any. */
export async function startPlatforms(
  { directory, workflows, local, state }: PlatformOptions,
  tools: Tools,
  closers: Closers,
): Promise<Platforms> {
  const common = { ...tools, randomBytes, callHttp };
  const dingtalk = await createDingtalk({
    ...common,
    directory: join(directory, 'dingtalk'),
    organisation: dingtalkOrganisation(workflows, local.dingtalk, state.dingtalk),
  });
  closers.push(() => dingtalk.close());
  const lark = await createLark({
    ...common,
    directory: join(directory, 'lark'),
    organisation: larkOrganisation(workflows, local.lark, state.lark),
  });
  closers.push(() => lark.close());
  return { dingtalk, lark };
}

export interface PlatformOptions {
  directory: string;
  workflows: Workflows;
  local: LocalValues;
  state: CloudState;
}

/** What an administrator does in the consoles of the platforms that are used: events go to this address. */
export async function subscribeToEvents(
  { dingtalk, lark }: Platforms,
  { local, state }: PlatformOptions,
  url: string,
  endpoints: Readonly<Record<PlatformName, string>>,
  tools: Tools,
): Promise<void> {
  const subscribeTo: Record<PlatformName, () => Promise<void>> = {
    async dingtalk() {
      const { callback_token: token, callback_aes_key: aesKey, app_key: ownerKey } = state.dingtalk;
      dingtalk.setEventSubscription({ url, token, aesKey, ownerKey });
      await pressSave(dingtalk.verifyEventSubscription);
      dingtalk.setBotCallback(url, endpoints.dingtalk);
    },
    async lark() {
      const { verification_token: verificationToken, encrypt_key: encryptKey } = state.lark;
      lark.setEventSubscription({
        url,
        verificationToken,
        encryptKey,
        events: ['approval_instance', 'im.message.receive_v1'],
      });
      await pressSave(lark.verifyEventSubscription);
      await subscribeToDefinitions(Object.values(local.lark.approvalCodes), state.lark, endpoints.lark, tools);
    },
  };
  for (const platform of local.platforms) await subscribeTo[platform]();
}

const SAVES = 3;

/** The consoles give an address a second or two to answer; a busy machine may need another press. */
async function pressSave(verify: () => Promise<void>, left = SAVES): Promise<void> {
  try {
    await verify();
  } catch (error) {
    if (left <= 1) throw error;
    await pressSave(verify, left - 1);
  }
}

/** Lark sends no event of a definition that the app has not subscribed to, once and for ever. */
async function subscribeToDefinitions(
  approvalCodes: readonly string[],
  app: CloudState['lark'],
  endpoint: string,
  { clock }: Tools,
): Promise<void> {
  const client = createLarkClient({ appId: app.app_id, appSecret: app.app_secret, endpoint }, callHttp, clock);
  for (const code of approvalCodes) {
    const path = `/open-apis/approval/v4/approvals/${encodeURIComponent(code)}/subscribe`;
    await client.call({ method: 'POST', path }, z.unknown()).catch((error: unknown) => {
      if (!(error instanceof PermanentError && error.code === SUBSCRIBED)) throw error;
    });
  }
}

/** "subscription existed" */
const SUBSCRIBED = 'lark.1390007';
