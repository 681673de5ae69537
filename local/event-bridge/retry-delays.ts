import type { RuleTarget } from './rule-target.ts';

/**
 * Milliseconds to wait before each retry. https://alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter
 * `random` gives numbers from 0 up to 1.
 */
export function* retryDelaysMs(strategy: RuleTarget['PushRetryStrategy'], random: () => number): Generator<number> {
  switch (strategy) {
    case undefined:
    case 'BACKOFF_RETRY':
    case 'BACKOFFRETRY':
      for (let retry = 1; retry <= 3; retry++) yield 10_000 + Math.floor(random() * 10_000);
      return;
    case 'EXPONENTIAL_DECAY_RETRY':
    case 'EXPONENTIALDECAYRETRY':
      for (let retry = 1; retry <= 176; retry++) yield Math.min(2 ** (retry - 1), 512) * 1000;
  }
}
