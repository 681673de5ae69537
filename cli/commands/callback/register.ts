import { Command } from 'commander';
import * as z from 'zod/mini';
import { registerCardRoute } from '../../../setup/register-card-route.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { EnvironmentError, readVariables, textVariable } from '../../../shared/config/environment.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { createDingtalkClient } from '../../../shared/platforms/dingtalk/client.ts';
import { appEnvironmentSchema } from '../../../shared/platforms/dingtalk/environment.ts';
import { printJson } from '../../inspect/terminal.ts';
import { type Io, UsageError } from '../../io.ts';

const environmentSchema = z.extend(z.omit(appEnvironmentSchema, { DINGTALK_CORP_ID: true }), {
  DINGTALK_CARD_ROUTE: textVariable,
  DINGTALK_CARD_SECRET: textVariable,
});

export function callbackRegisterCommand(io: Io): Command {
  return new Command('register')
    .description('Tell DingTalk where presses on the buttons of cards go, when they come over HTTP')
    .requiredOption('--url <url>', 'address of the function ingest, as deploy prints it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Reads DINGTALK_APP_KEY, DINGTALK_APP_SECRET, DINGTALK_CARD_ROUTE (a key of your choice, the same as notify has) and
DINGTALK_CARD_SECRET (the same as ingest has). An address that was registered under this key before is replaced.
Not needed with the connector, nor for Lark. docs/dingtalk.md says more.

Example:
  $ npm run -s loop -- callback register --url https://ingest-abc.cn-hangzhou.fcapp.run
`,
    )
    .action((options: { url: string; json?: true }) => register(options, io));
}

async function register({ url, json }: { url: string; json?: true }, io: Io): Promise<void> {
  if (!URL.canParse(url) || !/^https?:\/\//.test(url))
    throw new UsageError(`--url "${url.slice(0, 80)}" is no address; it begins with https://`);
  const environment = readEnvironment(io);
  const client = createDingtalkClient(
    {
      appKey: environment.DINGTALK_APP_KEY,
      appSecret: environment.DINGTALK_APP_SECRET,
      apiEndpoint: environment.DINGTALK_API_ENDPOINT,
      oapiEndpoint: environment.DINGTALK_OAPI_ENDPOINT,
    },
    callHttp,
    createSystemClock(),
  );
  const route = environment.DINGTALK_CARD_ROUTE;
  await registerCardRoute(client, { route, url, secret: environment.DINGTALK_CARD_SECRET });
  if (json) printJson(io, { route, url });
  else io.out(`presses on cards of the route ${route} go to ${url}`);
}

function readEnvironment({ env }: Io): z.infer<typeof environmentSchema> {
  try {
    return readVariables(environmentSchema, env, 'command');
  } catch (error) {
    throw error instanceof EnvironmentError ? new UsageError(error.message) : error;
  }
}
