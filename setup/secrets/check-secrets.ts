import { randomBytes } from 'node:crypto';
import { callHttp } from '../../shared/http/call.ts';
import { createSecretClient, kmsEndpoint, type SecretClient } from '../../shared/secrets/secret-client.ts';
import type { Change } from '../change.ts';
import type { SetupTarget } from '../target.ts';
import type { FunctionSecrets } from './secret-names.ts';

const kind = 'secret';

/** Names the secrets that are missing. Setup makes none: their values are for people to put in, by way of no shell. */
export async function checkSecrets(target: SetupTarget, secrets: FunctionSecrets): Promise<Change[]> {
  const names = [...new Set(Object.values(secrets).flat())].sort();
  if (names.length === 0) return [];
  const client = openSecretClient(target);
  return Promise.all(
    names.map(async (name): Promise<Change> => {
      if (await client.hasSecret(name)) return { kind, name, did: 'unchanged' };
      return { kind, name, did: 'skipped', detail: `KMS in ${target.region} has none of this name; create it there` };
    }),
  );
}

/** KMS with the key of the shell. */
export function openSecretClient({ region, credentials, endpoints, clock }: SetupTarget): SecretClient {
  return createSecretClient({
    endpoint: kmsEndpoint(region, endpoints.kms),
    credentials: () => credentials,
    http: callHttp,
    clock,
    nonce: () => randomBytes(16).toString('hex'),
    timeoutMs: 20_000,
  });
}
