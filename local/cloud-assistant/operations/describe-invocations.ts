import { z } from 'zod';
import { missingParameter } from '../api-error.ts';
import { encodeContent } from '../command-content.ts';
import { isoSeconds } from '../format-time.ts';
import { base64Unless, filter, flag, paging, tagFilters } from '../input.ts';
import { operation } from '../operation.ts';
import { page } from '../page.ts';
import type { InstanceRun, Invocation } from '../records.ts';
import { runAnswer } from '../run-answer.ts';
import type { State } from '../state.ts';
import { aggregateLegacyStatus, aggregateStatus, legacyStatus } from '../status.ts';
import { hasTags, tagsAnswer } from '../tags.ts';

const Input = z.object({
  ...paging(),
  CommandId: filter(),
  CommandName: filter(),
  CommandType: filter(),
  ContentEncoding: base64Unless(),
  IncludeOutput: flag().default(false),
  InstanceId: filter(),
  InvokeId: filter(),
  InvokeStatus: filter(),
  RepeatMode: filter(),
  ResourceGroupId: filter(),
  Tag: tagFilters(),
  Timed: flag().default(false),
});
type Input = z.infer<typeof Input>;

export const describeInvocations = operation('DescribeInvocations', Input, (input, { state }) => {
  if (input.IncludeOutput && !input.InvokeId && !input.InstanceId) throw missingParameter('InvokeId');
  const found = state.invocations.newestFirst().filter((invocation) => isWanted(invocation, input));
  const { entries, fields } = page(found, input, ({ invokeId }) => invokeId);
  return { ...fields, Invocations: { Invocation: entries.map((invocation) => describe(state, invocation, input)) } };
});

function isWanted(invocation: Invocation, input: Input): boolean {
  return (
    // Timed asks for runs that will start again by a schedule; there are none here.
    !input.Timed &&
    (input.InvokeId ?? invocation.invokeId) === invocation.invokeId &&
    (input.CommandId ?? invocation.commandId) === invocation.commandId &&
    (input.CommandType ?? invocation.commandType) === invocation.commandType &&
    (input.ResourceGroupId ?? invocation.resourceGroupId) === invocation.resourceGroupId &&
    hasTags(invocation.tags, input.Tag) &&
    (input.InstanceId ? isWantedOn(input.InstanceId, invocation, input) : isWantedAnywhere(invocation, input))
  );
}

/** CommandName, RepeatMode and InvokeStatus=PartialFailed have no effect beside InstanceId. */
function isWantedOn(instanceId: string, invocation: Invocation, { InvokeStatus }: Input): boolean {
  const onInstance = invocation.runs.some((run) => run.instanceId === instanceId);
  return onInstance && (InvokeStatus === 'PartialFailed' || hasStatus(invocation, InvokeStatus));
}

function isWantedAnywhere(invocation: Invocation, { CommandName, RepeatMode, InvokeStatus }: Input): boolean {
  return (
    (CommandName ?? invocation.commandName) === invocation.commandName &&
    (RepeatMode ?? 'Once') === 'Once' &&
    hasStatus(invocation, InvokeStatus)
  );
}

/** Values of both status models are accepted. */
function hasStatus(invocation: Invocation, wanted: string | undefined): boolean {
  const statuses = invocation.runs.map((run) => run.status);
  return wanted === undefined || wanted === aggregateStatus(statuses) || wanted === aggregateLegacyStatus(statuses);
}

function describe(state: State, invocation: Invocation, input: Input) {
  const statuses = invocation.runs.map((run) => run.status);
  const runs = invocation.runs.filter(({ instanceId }) => (input.InstanceId ?? instanceId) === instanceId);
  return {
    InvokeId: invocation.invokeId,
    CommandId: invocation.commandId,
    CommandName: invocation.commandName,
    CommandType: invocation.commandType,
    CommandContent: encodeContent(Buffer.from(invocation.content, 'base64'), input.ContentEncoding),
    CommandDescription: invocation.commandDescription,
    CreationTime: isoSeconds(invocation.creationTime),
    Frequency: '',
    InvocationStatus: aggregateStatus(statuses),
    InvokeStatus: aggregateLegacyStatus(statuses),
    RepeatMode: 'Once',
    Timed: false,
    Timeout: invocation.timeout,
    WorkingDir: invocation.workingDir,
    Username: invocation.username,
    TerminationMode: invocation.terminationMode,
    Parameters: JSON.stringify(invocation.parameters),
    Tags: tagsAnswer(invocation.tags),
    InvokeInstances: { InvokeInstance: runs.map((run) => describeRun(state, run, input)) },
  };
}

function describeRun(state: State, run: InstanceRun, { ContentEncoding, IncludeOutput }: Input) {
  const { Output, ...fields } = runAnswer(state, run, ContentEncoding);
  return {
    ...fields,
    Output: IncludeOutput ? Output : '',
    InstanceInvokeStatus: legacyStatus(run.status),
    Timed: false,
    CreationTime: isoSeconds(run.creationTime),
    FinishTime: isoSeconds(run.finishTime),
    UpdateTime: isoSeconds(run.updateTime),
  };
}
