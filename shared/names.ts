import type { FunctionName } from './request/next-step.ts';

/** Everything that is made for an environment is named with it; functions, setup and the embedded cloud agree here. */
export function namesOf(environment: string, accountId: string) {
  const prefix = `approval-loop-${environment}`;
  return {
    bus: prefix,
    /** Bucket names are unique in the world, hence the account. */
    recordsBucket: `${prefix}-records-${accountId}`,
    workBucket: `${prefix}-work-${accountId}`,
    function: (name: FunctionName) => `${prefix}-${name}`,
    /** Every Cloud Assistant command of the environment begins so; the rule on TaskCompleted filters by it. */
    commandPrefix: `${prefix}-`,
    rule: (name: string) => `${prefix}-${name}`,
  };
}

export type Names = ReturnType<typeof namesOf>;
