import type { HttpRequest } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createNonceMemory } from '../../../local/signatures/nonce-memory.ts';
import type { Clock } from '../../../shared/clock.ts';

export const SIGNED_AT = '2026-01-01T00:00:00Z';

/** What a verifier needs: two keys and a clock that stands at `time`. */
export function verifierAt(time = SIGNED_AT, capacity = 100) {
  const identities = createIdentities('1234567890123456');
  identities.add({ accessKeyId: 'AKDEMO', accessKeySecret: 'SKDEMO', name: 'root' });
  identities.add({ accessKeyId: 'testid', accessKeySecret: 'testsecret', name: 'published example' });
  identities.add({
    accessKeyId: 'STS.1',
    accessKeySecret: 'SKSTS',
    securityToken: 'token-1',
    name: 'function:dispatch',
  });
  const clock: Clock = { now: () => Date.parse(time), sleep: async () => undefined };
  return { identities, clock, nonces: createNonceMemory({ clock, capacity }) };
}

export function httpRequest(parts: Partial<HttpRequest>): HttpRequest {
  const rawQuery = parts.rawQuery ?? '';
  return {
    method: 'POST',
    rawPath: '/',
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: {},
    body: Buffer.alloc(0),
    sourceIp: '127.0.0.1',
    ...parts,
  };
}
