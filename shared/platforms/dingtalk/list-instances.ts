import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { isInstanceId } from '../../ids.ts';
import type { DingtalkClient } from './client.ts';

/** https://open.dingtalk.com/document/development/obtain-an-approval-list-of-instance-ids */
const idsSchema = z.object({
  result: z.object({
    list: z.array(z.string()),
    nextToken: z.optional(z.nullable(z.union([z.string(), z.number()]))),
  }),
});

/** At most 10,000 ids of a template, in pages of 20. */
const MAX_PAGES = 500;

/** Which instances: of this template, by these people, in these states. */
interface Wanted {
  processCode: string;
  userIds?: readonly string[];
  statuses?: readonly string[];
}

/** Ids of the instances that were begun since then. */
export async function listInstances(
  { client, clock }: { client: DingtalkClient; clock: Clock },
  wanted: Wanted,
  since: number,
): Promise<string[]> {
  const ids: string[] = [];
  let nextToken = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const body = {
      ...wanted,
      startTime: since,
      endTime: clock.now(),
      maxResults: 20,
      nextToken,
    };
    const request = { method: 'POST', path: '/v1.0/workflow/processes/instanceIds/query', body } as const;
    const { result } = await client.call(request, idsSchema);
    ids.push(...result.list.filter(isInstanceId));
    if (result.nextToken === undefined || result.nextToken === null || result.nextToken === '') return ids;
    nextToken = Number(result.nextToken);
  }
  return ids;
}
