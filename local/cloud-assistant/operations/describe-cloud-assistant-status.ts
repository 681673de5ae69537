import { z } from 'zod';
import { isoSeconds } from '../format-time.ts';
import { filter, instanceIds, paging } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import { requireInstances } from '../pick-instances.ts';
import type { State } from '../state.ts';

/** The agent whose behaviour this service follows. */
const AGENT_VERSION = '2.2.3.857';

const Input = z.object({ ...paging(), InstanceId: instanceIds(100), OSType: filter() });

export const describeCloudAssistantStatus = operation('DescribeCloudAssistantStatus', Input, (input, { state }) => {
  requireInstances(state, input.InstanceId);
  const named = input.InstanceId.length > 0;
  const all = named ? input.InstanceId : [...state.instances.keys()];
  const found = (input.OSType ?? 'Linux') === 'Linux' ? all : [];
  // Paging has no effect on instances that are named.
  const { entries, fields } = page(found, named ? { PageNumber: 1, PageSize: 100 } : input, (id) => id);
  const statuses = entries.map((id) => describe(state, id));
  return { ...fields, InstanceCloudAssistantStatusSet: { InstanceCloudAssistantStatus: statuses } };
});

function describe(state: State, instanceId: string) {
  const online = state.agents.isOnline(instanceId);
  const runs = state.invocations
    .newestFirst()
    .flatMap((invocation) => invocation.runs)
    .filter((run) => run.instanceId === instanceId);
  return {
    InstanceId: instanceId,
    CloudAssistantStatus: String(online),
    CloudAssistantVersion: online ? AGENT_VERSION : '',
    ActiveTaskCount: runs.filter(({ status }) => status === 'Running' || status === 'Stopping').length,
    InvocationCount: runs.filter(({ finishTime }) => finishTime !== undefined).length,
    LastInvokedTime: isoSeconds(runs.find(({ startTime }) => startTime !== undefined)?.startTime),
    LastHeartbeatTime: isoSeconds(state.agents.lastHeartbeat(instanceId)),
    OSType: 'Linux',
    SupportSessionManager: false,
  };
}
