import * as z from 'zod/mini';
import type { EcsCaller } from './ecs-caller.ts';

/** Stops a run on these instances, by default on all of its own; where it has ended nothing changes. */
export type StopInvocation = (invokeId: string, instances?: readonly string[]) => Promise<void>;

export const STOP_INVOCATION_ACTIONS = ['ecs:StopInvocation'] as const;

/** So many a call takes: https://www.alibabacloud.com/help/en/ecs/api-stopinvocation */
const MAX_INSTANCES = 50;

export function createStopInvocation(ecs: EcsCaller, regionId: string): StopInvocation {
  const call = async (InvokeId: string, InstanceId: readonly string[]) => {
    await ecs.call('StopInvocation', { RegionId: regionId, InvokeId, InstanceId }, z.unknown());
  };
  return async (invokeId, instances = []) => {
    if (instances.length === 0) return call(invokeId, []);
    for (let start = 0; start < instances.length; start += MAX_INSTANCES)
      await call(invokeId, instances.slice(start, start + MAX_INSTANCES));
  };
}
