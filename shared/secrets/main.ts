import { randomBytes } from 'node:crypto';
import type { Credentials } from '../alicloud/credentials.ts';
import { createSystemClock } from '../clock.ts';
import type { CallHttp } from '../http/call.ts';
import { createLog, formatLogLine } from '../log.ts';
import type { Variables } from '../platforms/tools.ts';
import { credentialsOf, readContext } from '../runtime/context.ts';
import { createReadSecrets } from './create-read-secrets.ts';
import { createSecretClient, kmsEndpoint } from './secret-client.ts';

/** A callback has two and a half seconds from cold start to answer, and DingTalk is asked within them, too. */
const TIMEOUT_MS = 800;

let read: (() => Promise<Variables>) | undefined;
let credentials: Credentials;

/** The second file of a function: its variables with the secrets in their places, held by this instance. */
export function readSecrets(variables: Variables, given: unknown, http: CallHttp): Promise<Variables> {
  const context = readContext(given);
  credentials = credentialsOf(context);
  read ??= open(variables, context.region, http);
  return read();
}

/** Signatures and the age of what is held go by the machine's time. */
function open(variables: Variables, region: string, http: CallHttp): () => Promise<Variables> {
  const clock = createSystemClock();
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const log = createLog({ clock, level: 'warn', write: (entry) => write(formatLogLine(entry)) });
  const client = createSecretClient({
    endpoint: kmsEndpoint(region, variables['KMS_ENDPOINT']),
    credentials: () => credentials,
    http,
    clock,
    nonce: () => randomBytes(16).toString('hex'),
    timeoutMs: TIMEOUT_MS,
  });
  return createReadSecrets(variables, { client, clock, log });
}
