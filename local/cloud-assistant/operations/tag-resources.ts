import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { instanceIds, tags } from '../input.ts';
import { operation } from '../operation.ts';
import type { State } from '../state.ts';

const resources = { ResourceType: z.literal('instance'), ResourceId: instanceIds(50) };

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-tagresources ; for instances alone. */
export const tagResources = operation('TagResources', z.object({ ...resources, Tag: tags() }), (input, { state }) => {
  const names = new Set(input.Tag.map(({ key }) => key));
  retag(state, input.ResourceId, (old) => [...old.filter(({ key }) => !names.has(key)), ...input.Tag]);
  return {};
});

/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-untagresources */
export const untagResources = operation(
  'UntagResources',
  z.object({ ...resources, TagKey: z.array(z.string()).default([]) }),
  (input, { state }) => {
    retag(state, input.ResourceId, (old) => old.filter(({ key }) => !input.TagKey.includes(key)));
    return {};
  },
);

type Tags = ReturnType<State['detailsOf']>['tags'];

function retag(state: State, ids: readonly string[], change: (old: Tags) => Tags): void {
  if (ids.length === 0 || !ids.every((id) => state.instances.has(id))) throw apiError('InvalidInstance.NotFound');
  for (const id of ids) state.describe(id, { ...state.detailsOf(id), tags: change(state.detailsOf(id).tags) });
}
