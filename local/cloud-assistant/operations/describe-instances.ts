import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { filter, paging, tagFilters } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import { hasTags, tagsAnswer } from '../tags.ts';

const Input = z.object({
  ...paging(100),
  /** A JSON list of at most 100 ids; unknown ones are simply not found. */
  InstanceIds: z.string().max(8_192, 'InvalidParameter').optional(),
  InstanceName: filter(),
  Status: filter(),
  Tag: tagFilters(),
});

const Ids = z.array(z.string()).max(100);

export const describeInstances = operation('DescribeInstances', Input, (input, { state }) => {
  const ids = input.InstanceIds ? parseIds(input.InstanceIds) : [...state.instances.keys()];
  const found = ids
    .filter((id) => state.instances.has(id) && (input.Status ?? 'Running') === 'Running')
    .map((id) => ({ id, ...state.detailsOf(id) }))
    .filter(({ name, tags }) => (input.InstanceName ?? name) === name && hasTags(tags, input.Tag));
  const { entries, fields } = page(found, input, ({ id }) => id);
  const instances = entries.map(({ id, name, tags }) => ({
    InstanceId: id,
    InstanceName: name,
    Status: 'Running',
    RegionId: state.region,
    OSType: 'linux',
    Tags: tagsAnswer(tags),
  }));
  return { ...fields, Instances: { Instance: instances } };
});

function parseIds(json: string): string[] {
  try {
    return Ids.parse(JSON.parse(json));
  } catch {
    throw apiError('InvalidParameter', 'InstanceIds');
  }
}
