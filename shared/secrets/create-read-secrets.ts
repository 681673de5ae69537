import type { Clock } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Variables } from '../platforms/tools.ts';
import { referencesIn } from './references.ts';
import type { SecretClient } from './secret-client.ts';

/** A secret that somebody has changed is used after at most so long. */
const FRESH_MS = 5 * 60_000;
/** After a failure the values that are held go on, and KMS is asked again after so long. */
const RETRY_MS = 60_000;

export interface ReadSecretsOptions {
  client: SecretClient;
  clock: Clock;
  log: Pick<Log, 'warn'>;
}

/**
 * Puts secrets in the place of references. The same object comes back until one of them is another one. The first time a
 * secret that cannot be read is an error, which names variable and secret; later what is held goes on.
 */
export function createReadSecrets(
  variables: Variables,
  { client, clock, log }: ReadSecretsOptions,
): () => Promise<Variables> {
  const references = referencesIn(variables);
  let held: Variables | undefined;
  let askAt = 0;
  return async () => {
    if (held && clock.now() < askAt) return held;
    try {
      const values = await readAll(references, client);
      askAt = clock.now() + FRESH_MS;
      const isSame = [...values].every(([variable, value]) => held?.[variable] === value);
      if (!held || !isSame) held = { ...variables, ...Object.fromEntries(values) };
    } catch (error) {
      if (!held) throw error;
      askAt = clock.now() + RETRY_MS;
      log.warn('secrets not read again, those held go on', { error: errorMessage(error) });
    }
    return held;
  };
}

/** All at once; every one that cannot be read is named. */
async function readAll(references: ReadonlyMap<string, string>, client: SecretClient): Promise<Map<string, string>> {
  const faults: string[] = [];
  const values = new Map<string, string>();
  const read = async (variable: string, name: string) => {
    try {
      values.set(variable, await client.getSecretValue(name));
    } catch (error) {
      faults.push(`${variable} refers to the secret ${name}: ${errorMessage(error)}`);
    }
  };
  await Promise.all([...references].map(([variable, name]) => read(variable, name)));
  if (faults.length === 0) return values;
  const help =
    'see that KMS has them in this region and that the function’s role may read them ("setup", then "doctor")';
  throw new Error(`secrets cannot be read: ${faults.sort().join('; ')}; ${help}`);
}
