import { callHttp } from '../http/call.ts';
import type { Variables } from '../platforms/tools.ts';

/**
 * The function's environment, where a value `kms:<name>` is replaced by the secret of that name: the same object until a
 * secret is another one, so that whoever is wired with it knows when to be wired anew. What it takes to ask KMS is a
 * second file, which only those load who have such a value.
 */
export async function currentVariables(context: unknown): Promise<Variables> {
  const { env } = process;
  if (!Object.values(env).some((value) => value?.startsWith('kms:'))) return env;
  return (await import('../secrets/main.ts')).readSecrets(env, context, callHttp);
}
