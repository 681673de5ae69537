import type { SetupTarget } from '../target.ts';
import type { LogService } from './log-service-client.ts';

/** The official client takes a tenth of a second to load: only what is about alerts pays for it. */
export async function openLogService(target: SetupTarget): Promise<LogService> {
  const { createLogServiceClient } = await import('./log-service-client.ts');
  return createLogServiceClient(target);
}
