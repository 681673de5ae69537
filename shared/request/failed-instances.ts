import { type Fact, findFact } from './records.ts';

/** Instances on which the last run that reached for them did not succeed; the attempts of one request, oldest first. */
export function failedInstances(attempts: readonly (readonly Fact[])[]): string[] {
  const results = attempts.flatMap((facts) => findFact(facts, 'completed')?.instances ?? []);
  const last = new Map(results.map(({ instance_id, status }) => [instance_id, status]));
  return [...last].flatMap(([id, status]) => (status === 'Success' ? [] : [id]));
}
