import * as z from 'zod/mini';
import { isInstanceId, PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import { HTTP_EVENT, ownHttpSource, type PlatformHttpSource } from '../../shared/workflows/http-source-schema.ts';
import { templatesOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

const objectSchema = z.record(z.string(), z.unknown());

/** Of the envelope only what the service writes itself; `data` is what anybody with the URL may have posted. */
const postedSchema = z.object({
  type: z.literal(HTTP_EVENT),
  id: z.string().check(z.maxLength(128)),
  source: z.string(),
  data: objectSchema,
});
export type Posted = z.infer<typeof postedSchema>;

/** What was posted to an HTTP event source, or undefined if these bytes are no such event. */
export function parsePosted(event: Buffer): Posted | undefined {
  return postedSchema.safeParse(parseJson(event)).data;
}

/**
 * An approval that was posted, and every template that it may be of, the likeliest first: a wrong one that was posted
 * costs a look-up, and changes nothing about the answer.
 */
export interface PostedHint {
  platform: PlatformName;
  instance_id: string;
  codes: readonly string[];
}

/** What posted data say about a platform and cannot be used. */
export interface Unusable {
  platform: PlatformName;
  reason: string;
}

/** The approvals that an event names: one for each platform whose flow posts to its source. */
export function hintsOf({ source, data }: Posted, workflows: Workflows): (PostedHint | Unusable)[] {
  return PLATFORM_NAMES.flatMap((platform) => {
    const entry = workflows.http_source?.[platform];
    return entry && source === (entry.source ?? ownHttpSource(platform))
      ? [hintOf(platform, entry, data, workflows)]
      : [];
  });
}

function hintOf(
  platform: PlatformName,
  entry: PlatformHttpSource,
  data: Posted['data'],
  workflows: Workflows,
): PostedHint | Unusable {
  const instance_id = valueAt(data, entry.instance_id);
  if (typeof instance_id !== 'string' || !isInstanceId(instance_id))
    return { platform, reason: `no id of an approval at ${entry.instance_id}` };
  const codes = templatesOf(workflows, platform);
  if (entry.code === undefined) return { platform, instance_id, codes };
  const code = valueAt(data, entry.code);
  if (typeof code !== 'string') return { platform, reason: `no code of a template at ${entry.code}` };
  return codes.includes(code)
    ? { platform, instance_id, codes: [code, ...codes.filter((other) => other !== code)] }
    : { platform, reason: `no workflow starts on template ${code.slice(0, 64)}` };
}

function valueAt(data: Posted['data'], path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    const inner = objectSchema.safeParse(value).data;
    return inner && Object.hasOwn(inner, name) ? inner[name] : undefined;
  }, data);
}
