import * as z from 'zod';
import { EventBridgeError } from './event-bridge-error.ts';

/** Documented for list operations: at most 100 entries a call. `NextToken` is the place in the list. */
const MAX_LIMIT = 100;

export const pageRequest = { Limit: z.number().optional(), NextToken: z.string().optional() };

export interface Page<T> {
  entries: T[];
  NextToken: string | undefined;
  Total: number;
}

export function takePage<T>(
  all: readonly T[],
  request: { Limit?: number | undefined; NextToken?: string | undefined },
): Page<T> {
  const limit = request.Limit ?? MAX_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new EventBridgeError(
      409,
      'LimitSizeInvalid',
      `The limit size of page is invalid, allowed is 1 to ${MAX_LIMIT}.`,
    );
  }
  const token = request.NextToken || '0';
  if (!/^\d{1,9}$/.test(token))
    throw new EventBridgeError(409, 'NextTokenInvalid', 'The next token of page is invalid.');
  const end = Number(token) + limit;
  const NextToken = end < all.length ? String(end) : undefined;
  return { entries: all.slice(Number(token), end), NextToken, Total: all.length };
}
