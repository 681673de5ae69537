import { apiError } from './api-error.ts';
import type { TagFilter } from './input.ts';
import type { State } from './state.ts';
import { hasTags } from './tags.ts';

/** The instances a call is for. One that does not exist spoils the whole call. */
export function pickInstances(
  { instances, detailsOf }: State,
  ids: string[],
  { resourceTags, max }: { resourceTags: TagFilter[]; max: number },
): string[] {
  if (resourceTags.length > 0) {
    if (ids.length > 0) throw apiError('InvalidResourceTag.ConflictWithInstanceIds');
    const tagged = [...instances.keys()].filter((id) => hasTags(detailsOf(id).tags, resourceTags));
    if (tagged.length === 0) throw apiError('InvalidResourceTag.InstanceNotFound');
    if (tagged.length > max) throw apiError('InstanceIds.ExceedLimit');
    return tagged;
  }
  if (ids.length === 0) throw apiError('MissingParam.InstanceId');
  requireInstances({ instances }, ids);
  return ids;
}

export function requireInstances({ instances }: Pick<State, 'instances'>, ids: readonly string[]): void {
  const unknown = ids.find((id) => !instances.has(id));
  if (unknown !== undefined) throw apiError('InvalidInstance.NotFound', unknown);
}
