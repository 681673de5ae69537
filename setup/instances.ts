import * as z from 'zod/mini';
import type { EcsCaller } from '../shared/alicloud/ecs-caller.ts';
import { ENVIRONMENT_TAG } from '../shared/request/tags.ts';
import type { Change } from './change.ts';
import type { SetupTarget } from './target.ts';

const tagsSchema = z.object({ Tag: z.array(z.object({ TagKey: z.string(), TagValue: z.optional(z.string()) })) });
const answerSchema = z.object({
  Instances: z.object({
    Instance: z.array(z.object({ InstanceId: z.string(), Tags: z.optional(tagsSchema) })),
  }),
});
/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances */
const MAX_INSTANCES = 100;

/** Whether each instance carries the tag by which dispatch may run something on it. Setup tags none: they are not its own. */
export async function checkInstances(
  target: SetupTarget,
  ecs: EcsCaller,
  instances: readonly string[],
): Promise<Change[]> {
  const wanted = target.environmentName;
  const found = new Map<string, string | undefined>();
  for (let from = 0; from < instances.length; from += MAX_INSTANCES) {
    const InstanceIds = JSON.stringify(instances.slice(from, from + MAX_INSTANCES));
    const query = { RegionId: target.region, InstanceIds, PageSize: MAX_INSTANCES };
    for (const { InstanceId, Tags } of (await ecs.call('DescribeInstances', query, answerSchema)).Instances.Instance)
      found.set(InstanceId, Tags?.Tag.find(({ TagKey }) => TagKey === ENVIRONMENT_TAG)?.TagValue ?? '');
  }
  return instances.map((name): Change => {
    const tag = found.get(name);
    if (tag === wanted) return { kind: 'instance', name, did: 'unchanged' };
    if (tag === undefined)
      return { kind: 'instance', name, did: 'skipped', detail: `there is no such instance in ${target.region}` };
    const seen = tag === '' ? 'carries no tag' : `carries "${tag}" as the tag`;
    const detail = `it ${seen} ${ENVIRONMENT_TAG}, so nothing may run on it; tag it with ${ENVIRONMENT_TAG}=${wanted}`;
    return { kind: 'instance', name, did: 'skipped', detail };
  });
}
