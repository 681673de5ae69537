import * as z from 'zod/mini';
import { PermanentError, TransientError } from '../shared/errors.ts';
import { callHttp } from '../shared/http/call.ts';
import { type ClientConfig, createLarkClient, type LarkClient } from '../shared/platforms/lark/client.ts';
import type { Change } from './change.ts';
import type { SetupTarget } from './target.ts';

/** The app whose events the functions take, and the definitions that workflows start on. */
export interface LarkSetup {
  app: ClientConfig;
  approvalCodes: readonly string[];
}

/** How a definition stood before it was asked for. */
export type Subscription = 'was subscribed' | 'is subscribed now' | 'no such definition' | 'scope missing';

/** "subscription existed" */
const EXISTED = 'lark.1390007';
const NO_DEFINITION = 'lark.1390002';
const NO_SCOPE = 'lark.99991672';

/**
 * Asks for the events of a definition: without it, once and for ever, Lark sends the app none. There is no other way to
 * learn whether it has been asked before.
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/approval/subscribe
 */
export async function subscribe(client: LarkClient, approvalCode: string): Promise<Subscription> {
  const path = `/open-apis/approval/v4/approvals/${encodeURIComponent(approvalCode)}/subscribe`;
  try {
    await client.call({ method: 'POST', path }, z.unknown());
    return 'is subscribed now';
  } catch (error) {
    const code = error instanceof PermanentError ? error.code : undefined;
    if (code === EXISTED) return 'was subscribed';
    if (code === NO_DEFINITION) return 'no such definition';
    if (code === NO_SCOPE) return 'scope missing';
    throw error;
  }
}

/** One subscription for each definition. What Lark refuses is named and keeps nothing else from being made. */
export async function setUpSubscriptions(target: SetupTarget, { app, approvalCodes }: LarkSetup): Promise<Change[]> {
  const client = createLarkClient(app, callHttp, target.clock);
  const changes: Change[] = [];
  for (const name of approvalCodes) {
    const found = target.lookOnly ? NOT_ASKED : await askFor(client, name);
    changes.push({ kind: 'subscription', name, ...found });
  }
  return changes;
}

type Found = Pick<Change, 'did' | 'detail'>;

const NOT_ASKED: Found = { did: 'sent', detail: 'Lark tells only by doing it whether it has been done before' };

const FOUND: Record<Subscription, Found> = {
  'was subscribed': { did: 'unchanged' },
  'is subscribed now': { did: 'created' },
  'no such definition': { did: 'skipped', detail: 'Lark has no definition of this code; correct it and deploy again' },
  'scope missing': {
    did: 'skipped',
    detail: 'if it has not been made before, grant the app approval:definition, release a version, run setup again',
  },
};

async function askFor(client: LarkClient, approvalCode: string): Promise<Found> {
  try {
    return FOUND[await subscribe(client, approvalCode)];
  } catch (error) {
    if (!(error instanceof PermanentError || error instanceof TransientError)) throw error;
    return {
      did: 'skipped',
      detail: `${error.message}; run setup again when Lark and the app’s credentials are right`,
    };
  }
}
