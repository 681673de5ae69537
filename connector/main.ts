import { EnvironmentError } from '../shared/config/environment.ts';
import { errorMessage } from '../shared/errors.ts';
import { type ConnectorEnvironment, readConnectorEnvironment } from './environment.ts';
import { serveHealth } from './health.ts';
import { redact } from './redact.ts';
import { wire } from './wire.ts';

/** sysexits.h: EX_CONFIG. A supervisor need not try again. */
const WRONG_ENVIRONMENT = 78;

/** Runs until SIGTERM or SIGINT, then takes nothing more, answers what is in hand and ends; a second one ends at once. */
async function main(): Promise<void> {
  const environment = readConnectorEnvironment(process.env);
  muteConsole();
  const { connector, log } = wire(environment);
  const stop = new AbortController();
  const onSignal = (signal: string) => {
    if (stop.signal.aborted) process.exit(1);
    log.info('stopping', { signal });
    stop.abort(new Error('this process is stopping'));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const secrets = secretsOf(environment);
  process.on('unhandledRejection', (error) =>
    log.error('a promise nobody waits for was rejected', { error: redact(errorMessage(error), secrets) }),
  );
  process.on('uncaughtException', (error) => {
    log.error('this process ends', { error: redact(errorMessage(error), secrets) });
    process.exit(1);
  });
  const { CONNECTOR_HOST: host, CONNECTOR_PORT } = environment.cloud;
  const { port, server } = await serveHealth({ host, port: Number(CONNECTOR_PORT) }, connector.statuses);
  log.info('connector started', { platforms: connector.statuses().map(({ platform }) => platform), host, port });
  await connector.run(stop.signal);
  server.close();
  log.info('connector stopped');
  // What the SDKs left running must not keep the process.
  process.exit(0);
}

function secretsOf({ cloud, dingtalk, lark }: ConnectorEnvironment): string[] {
  const { ALIBABA_CLOUD_ACCESS_KEY_SECRET: key, ALIBABA_CLOUD_SECURITY_TOKEN: token } = cloud;
  const ofDingtalk = [dingtalk?.DINGTALK_APP_SECRET, dingtalk?.DINGTALK_START_APP_SECRET];
  const ofLark = [lark?.LARK_APP_SECRET, lark?.LARK_START_APP_SECRET];
  return [key, token, ...ofDingtalk, ...ofLark].flatMap((secret) => secret ?? []);
}

/** What the official clients write there is in our own log already, as one line of JSON and without secrets. */
function muteConsole(): void {
  const quiet = () => undefined;
  Object.assign(globalThis.console, { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet });
}

main().catch((error: unknown) => {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exit(error instanceof EnvironmentError ? WRONG_ENVIRONMENT : 1);
});
