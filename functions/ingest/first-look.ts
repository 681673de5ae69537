import * as z from 'zod/mini';
import { type PlatformName, sha256Hex } from '../../shared/ids.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { parseJson } from '../../shared/json.ts';

/**
 * `seen/<platform>/<hash of the template>/<instance>`: approvals of a template that the comparison with the platform's
 * list is done with. What the first look found is among them: approvals from before this environment do not run.
 */
export function seenPrefix(platform: PlatformName, code: string): string {
  return `seen/${platform}/${sha256Hex(code).slice(0, 16)}`;
}

const firstSchema = z.object({ at: z.number() });

/** When this environment first looked at the template's approvals, in ms; undefined if it has not. */
export async function firstLookAt(
  work: Pick<ObjectStore, 'get'>,
  platform: PlatformName,
  code: string,
): Promise<number | undefined> {
  const body = await work.get(`${seenPrefix(platform, code)}-first`);
  return body && firstSchema.safeParse(parseJson(body)).data?.at;
}
