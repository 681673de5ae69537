import { errorMessage } from '../../shared/errors.ts';
import type { PlatformName } from '../../shared/ids.ts';
import { appEnvironmentSchema, endpointOf } from '../../shared/platforms/lark/environment.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Activity } from './activity.ts';
import type { RealPlatforms } from './real-platforms.ts';
import { CONNECTOR, type ConnectorProcess } from './start-connector.ts';
import { subscribeToDefinitions } from './start-platforms.ts';
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
  await subscribeToDefinitions(codes, credentials, tools).catch((error: unknown) =>
    tools.log.warn('not subscribed to the definitions; if that was not done by hand, no event comes', {
      error: errorMessage(error),
      needs: 'approval:definition',
    }),
  );
}
