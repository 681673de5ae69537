import { z } from 'zod';
import { isoSeconds } from '../format-time.ts';
import { filter, paging, tagFilters } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import type { FileTask, InstanceRun } from '../records.ts';
import { aggregateStatus } from '../status.ts';
import { hasTags, tagsAnswer } from '../tags.ts';

const Input = z.object({
  ...paging(),
  InstanceId: filter(),
  InvocationStatus: filter(),
  InvokeId: filter(),
  Name: filter(),
  ResourceGroupId: filter(),
  Tag: tagFilters(),
});
type Input = z.infer<typeof Input>;

export const describeSendFileResults = operation('DescribeSendFileResults', Input, (input, { state }) => {
  const found = state.fileTasks.newestFirst().filter((task) => isWanted(task, input));
  const { entries, fields } = page(found, input, ({ invokeId }) => invokeId);
  return { ...fields, Invocations: { Invocation: entries.map(describe) } };
});

function isWanted(task: FileTask, input: Input): boolean {
  return (
    (input.InvokeId ?? task.invokeId) === task.invokeId &&
    (input.Name ?? task.name) === task.name &&
    (input.ResourceGroupId ?? task.resourceGroupId) === task.resourceGroupId &&
    (!input.InstanceId || task.runs.some(({ instanceId }) => instanceId === input.InstanceId)) &&
    (!input.InvocationStatus || statusOf(task) === input.InvocationStatus) &&
    hasTags(task.tags, input.Tag)
  );
}

function statusOf(task: FileTask): string {
  return aggregateStatus(task.runs.map(({ status }) => status));
}

function describe(task: FileTask) {
  return {
    InvokeId: task.invokeId,
    Name: task.name,
    Description: task.description,
    TargetDir: task.targetDir,
    Content: task.content,
    ContentType: task.contentType,
    FileMode: task.fileMode,
    FileOwner: task.fileOwner,
    FileGroup: task.fileGroup,
    Overwrite: String(task.overwrite),
    CreationTime: isoSeconds(task.creationTime),
    InvocationStatus: statusOf(task),
    VmCount: task.runs.length,
    Tags: tagsAnswer(task.tags),
    InvokeInstances: { InvokeInstance: task.runs.map(describeRun) },
  };
}

function describeRun(run: InstanceRun) {
  return {
    InstanceId: run.instanceId,
    InvocationStatus: run.status,
    ErrorCode: run.errorCode,
    ErrorInfo: run.errorInfo,
    CreationTime: isoSeconds(run.creationTime),
    StartTime: isoSeconds(run.startTime),
    FinishTime: isoSeconds(run.finishTime),
    UpdateTime: isoSeconds(run.updateTime),
  };
}
