import { join } from 'node:path';
import { ROOT } from '../command-line.ts';
import type { Account } from '../setup/start-accounts.ts';

/** The functions of an environment, as a deploy would have left them; or by somebody else, as the description says. */
export async function putFunctions(
  { ops }: Pick<Account, 'ops'>,
  environment: string,
  description = 'Made by approval-loop: by an earlier deploy',
): Promise<void> {
  for (const name of ['ingest', 'dispatch', 'notify'])
    await ops.local.cloud.functions.putFunction({
      functionName: `approval-loop-${environment}-${name}`,
      description,
      codeDirectory: join(ROOT, 'dist', 'environments', 'dev', name),
      handler: 'index.handler',
      runtime: 'nodejs20',
    });
}
