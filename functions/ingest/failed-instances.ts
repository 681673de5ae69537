import { type Fact, findFact } from '../../shared/request/records.ts';

/** Instances on which the run did not succeed. */
export function failedInstances(facts: readonly Fact[]): string[] {
  const instances = findFact(facts, 'completed')?.instances ?? [];
  return instances.flatMap(({ instance_id, status }) => (status === 'Success' ? [] : [instance_id]));
}
