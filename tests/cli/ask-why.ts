import { z } from 'zod';
import type { OpsCloud } from './ops-cloud.ts';

const whySchema = z.object({
  requests: z.array(
    z.looseObject({
      request_id: z.string(),
      diagnosis: z.object({ code: z.string(), values: z.record(z.string(), z.string()) }),
      what: z.string(),
      todo: z.string(),
      hops: z.array(z.object({ at: z.string(), what: z.string(), detail: z.string(), trouble: z.boolean() })),
      next_try: z.string().nullable(),
    }),
  ),
});

/** What `why --json` says of the only request that is found. */
export async function askWhy(ops: OpsCloud, query: string, ...args: string[]) {
  const { code, stdout } = await ops.loop('why', query, '--json', ...args);
  const { requests } = whySchema.parse(JSON.parse(stdout));
  const [request] = requests;
  if (!request || requests.length !== 1) throw new Error(`found ${requests.length}`);
  return { exit: code, code: request.diagnosis.code, ...request };
}
