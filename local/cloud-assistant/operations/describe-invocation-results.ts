import { z } from 'zod';
import { isoSeconds } from '../format-time.ts';
import { base64Unless, filter, flag, paging, tagFilters } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import type { InstanceRun, Invocation } from '../records.ts';
import { runAnswer } from '../run-answer.ts';
import type { State } from '../state.ts';
import { legacyStatus } from '../status.ts';
import { hasTags, tagsAnswer } from '../tags.ts';

const Input = z.object({
  ...paging(),
  CommandId: filter(),
  ContentEncoding: base64Unless(),
  /** Without effect: only runs of RepeatMode Once exist, and they have no history. */
  IncludeHistory: flag().default(false),
  InstanceId: filter(),
  InvokeId: filter(),
  InvokeRecordStatus: filter(),
  ResourceGroupId: filter(),
  Tag: tagFilters(),
});
type Input = z.infer<typeof Input>;

interface Result {
  invocation: Invocation;
  run: InstanceRun;
}

/** An unknown InvokeId is an empty list, no error. The page's fields stand inside `Invocation`. */
export const describeInvocationResults = operation('DescribeInvocationResults', Input, (input, { state }) => {
  const found = state.invocations
    .newestFirst()
    .flatMap((invocation) => invocation.runs.map((run): Result => ({ invocation, run })))
    .filter((result) => isWanted(result, input));
  const { entries, fields } = page(found, input, ({ invocation, run }) => `${invocation.invokeId}/${run.instanceId}`);
  const results = entries.map((result) => describe(state, result, input));
  return { Invocation: { ...fields, InvocationResults: { InvocationResult: results } } };
});

function isWanted({ invocation, run }: Result, input: Input): boolean {
  return (
    (input.InvokeId ?? invocation.invokeId) === invocation.invokeId &&
    (input.InstanceId ?? run.instanceId) === run.instanceId &&
    (input.CommandId ?? invocation.commandId) === invocation.commandId &&
    (input.ResourceGroupId ?? invocation.resourceGroupId) === invocation.resourceGroupId &&
    [run.status, legacyStatus(run.status)].some((status) => (input.InvokeRecordStatus ?? status) === status) &&
    hasTags(invocation.tags, input.Tag)
  );
}

function describe(state: State, { invocation, run }: Result, { ContentEncoding }: Input) {
  return {
    InvokeId: invocation.invokeId,
    CommandId: invocation.commandId,
    ...runAnswer(state, run, ContentEncoding),
    InvokeRecordStatus: legacyStatus(run.status),
    FinishedTime: isoSeconds(run.finishTime),
    Username: invocation.username,
    TerminationMode: invocation.terminationMode,
    Tags: tagsAnswer(invocation.tags),
  };
}
