import { parseRequestId, retryIdOf } from '../../shared/ids.ts';
import { foreign } from '../inspect/terminal.ts';
import { UsageError } from '../io.ts';

/**
 * The request that is meant, where all that was found are attempts of one: the last of them. A UsageError names the
 * requests there are, or that there is none.
 */
export function oneFamily(query: string, found: readonly string[]): string {
  const [first, ...others] = [...new Set(found.map(firstAttempt))];
  const shown = foreign(query, 80);
  if (first === undefined) throw new UsageError(`there is no request "${shown}" here; "why" says more`);
  if (others.length > 0)
    throw new UsageError(
      `"${shown}" is about ${others.length + 1} requests; name one of them:\n  ${[first, ...others].join('\n  ')}`,
    );
  const attempts = [...found].sort((a, b) => attemptOf(a) - attemptOf(b));
  return attempts.at(-1) ?? first;
}

function firstAttempt(requestId: string): string {
  return retryIdOf(requestId, 1).replace(/\.retry-1$/, '');
}

function attemptOf(requestId: string): number {
  return parseRequestId(requestId)?.attempt ?? 0;
}
