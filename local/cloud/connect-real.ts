import { subscribe } from '../../setup/lark-subscriptions.ts';
import { errorMessage } from '../../shared/errors.ts';
import { callHttp } from '../../shared/http/call.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { createLarkClient } from '../../shared/platforms/lark/client.ts';
import { appEnvironmentSchema, endpointOf } from '../../shared/platforms/lark/environment.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Activity } from './activity.ts';
import type { RealPlatforms } from './real-platforms.ts';
import { CONNECTOR, type ConnectorProcess } from './start-connector.ts';
import type { Tools } from './start-services.ts';

/** Connects to the real platforms; rejects with the first reason why one of them gives no connection. */
export async function connectReal(
  real: RealPlatforms,
  options: { workflows: Workflows; activity: Activity; tools: Tools; startConnector: () => ConnectorProcess },
): Promise<void> {
  const { workflows, activity, tools, startConnector } = options;
  if (real.names.length === 0) return;
  const connected = untilConnected(real.names, activity);
  const connector = startConnector();
  const gone = connector.exited.then((said) => {
    throw new Error(`the connector ended: ${said || 'it said nothing'}`);
  });
  await Promise.race([connected, gone]);
  gone.catch((error: unknown) => tools.log.warn('no connection any more', { error: errorMessage(error) }));
  if (real.names.includes('lark')) await subscribeInLark(real, workflows, tools);
}

/** Resolves when each has its first connection. */
function untilConnected(names: readonly PlatformName[], activity: Activity): Promise<void> {
  const waiting = new Set<unknown>(names);
  return new Promise((done, fail) => {
    const stop = activity.watch(({ message, fields }) => {
      if (fields['function'] !== CONNECTOR) return;
      if (message === 'no connection')
        fail(new Error(`${fields['platform']} gives no connection: ${fields['reason']}`));
      if (message === 'connected') waiting.delete(fields['platform']);
      if (waiting.size > 0 && message !== 'no connection') return;
      stop();
      done();
    });
  });
}

/** Once for each definition and app, and it needs a scope that the loop should not have: so it may have been done by hand. */
async function subscribeInLark({ variables, endpoints }: RealPlatforms, { workflows }: Workflows, tools: Tools) {
  const app = appEnvironmentSchema.parse({ ...variables, ...endpoints });
  const codes = Object.values(workflows).flatMap(({ on }) => on.lark?.approval_code ?? []);
  const credentials = { appId: app.LARK_APP_ID, appSecret: app.LARK_APP_SECRET, endpoint: endpointOf(app) };
  const client = createLarkClient(credentials, callHttp, tools.clock);
  for (const code of new Set(codes)) {
    const found = await subscribe(client, code).catch((error: unknown) => errorMessage(error));
    if (found === 'was subscribed' || found === 'is subscribed now') continue;
    tools.log.warn('not subscribed to a definition; if that was not done by hand, no event comes', {
      code,
      found,
      needs: 'approval:definition',
    });
  }
}
