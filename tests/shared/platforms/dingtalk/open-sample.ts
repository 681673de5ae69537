import { type CallbackConfig, openCallback } from '../../../../shared/platforms/dingtalk/open-callback.ts';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';
import { AES_KEY, CORP_ID, OWNER_KEY, RANDOM, TOKEN } from './sealed-callback.ts';

export const CONFIG: CallbackConfig = { token: TOKEN, aesKey: AES_KEY, ownerKeys: [OWNER_KEY, CORP_ID] };
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** Opens it with a clock that stands at `NOW` and with random bytes that are not. */
export function open(request: CallbackRequest, config: Partial<CallbackConfig> = {}) {
  const clock = { now: () => NOW, sleep: async () => undefined };
  return openCallback(request, { ...CONFIG, ...config }, { clock, randomBytes: (size) => RANDOM.subarray(0, size) });
}
