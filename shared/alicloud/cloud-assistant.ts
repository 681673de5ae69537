import { DescribeCloudAssistantStatusRequest } from '@alicloud/ecs20140526/dist/models/DescribeCloudAssistantStatusRequest.js';
import { DescribeCommandsRequest } from '@alicloud/ecs20140526/dist/models/DescribeCommandsRequest.js';
import { DescribeInvocationsRequest } from '@alicloud/ecs20140526/dist/models/DescribeInvocationsRequest.js';
import { InvokeCommandRequest } from '@alicloud/ecs20140526/dist/models/InvokeCommandRequest.js';
import { RunCommandRequest } from '@alicloud/ecs20140526/dist/models/RunCommandRequest.js';
import * as z from 'zod/mini';
import { parseJson } from '../json.ts';
import type { CommandInput } from '../request/records.ts';
import type { EcsCaller } from './ecs-caller.ts';

/** One instance's part of an invocation, as DescribeInvocations tells it. Times are ISO texts, empty while unknown. */
export interface InvocationInstance {
  instanceId: string;
  status: string;
  exitCode: number | undefined;
  errorCode: string;
  errorInfo: string;
  startTime: string;
  finishTime: string;
  output: Buffer;
  /** Bytes of output that Cloud Assistant left out. */
  dropped: number;
}

export interface Invocation {
  invokeId: string;
  commandName: string;
  commandContent: string;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  instances: InvocationInstance[];
}

export interface CloudAssistant {
  /** The id of our own command of this exact name. */
  findCommandId(name: string): Promise<string | undefined>;
  /** Runs a frozen input; the same input again gives the same invocation. */
  run(input: CommandInput): Promise<{ invokeId: string }>;
  /** Undefined when Cloud Assistant does not know the invocation (any more). */
  findInvocation(invokeId: string): Promise<Invocation | undefined>;
  /** Invocations that carry this tag, newest first. */
  findInvocationsByTag(key: string, value: string): Promise<Invocation[]>;
  /** Those of these instances, at most 100, whose agent answers. */
  findOnline(instanceIds: readonly string[]): Promise<string[]>;
}

/**
 * What a RAM policy must allow for each call:
 * https://www.alibabacloud.com/help/en/ecs/user-guide/use-ram-to-implement-permission-control
 */
export const CLOUD_ASSISTANT_ACTIONS = {
  findCommandId: ['ecs:DescribeCommands'],
  run: ['ecs:InvokeCommand', 'ecs:RunCommand'],
  findInvocation: ['ecs:DescribeInvocations'],
  findInvocationsByTag: ['ecs:DescribeInvocations'],
  findOnline: ['ecs:DescribeCloudAssistantStatus'],
} as const satisfies Record<keyof CloudAssistant, readonly string[]>;

const commandsSchema = z.object({
  Commands: z.object({ Command: z.array(z.object({ CommandId: z.string(), Name: z.string() })) }),
});
/** https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describecloudassistantstatus */
const statusesSchema = z.object({
  InstanceCloudAssistantStatusSet: z.object({
    InstanceCloudAssistantStatus: z.array(z.object({ InstanceId: z.string(), CloudAssistantStatus: z.string() })),
  }),
});
const invokedSchema = z.object({ InvokeId: z.string() });

const text = z._default(z.string(), '');
const instanceSchema = z.object({
  InstanceId: z.string(),
  InvocationStatus: z.string(),
  ExitCode: z.optional(z.number()),
  ErrorCode: text,
  ErrorInfo: text,
  StartTime: text,
  FinishTime: text,
  Output: text,
  Dropped: z._default(z.number(), 0),
});
const invocationsSchema = z.object({
  Invocations: z.object({
    Invocation: z.array(
      z.object({
        InvokeId: z.string(),
        CommandName: text,
        CommandContent: text,
        Parameters: text,
        Tags: z._default(z.object({ Tag: z._default(z.array(z.object({ TagKey: z.string(), TagValue: text })), []) }), {
          Tag: [],
        }),
        InvokeInstances: z.object({ InvokeInstance: z.array(instanceSchema) }),
      }),
    ),
  }),
});
type InvocationAnswer = z.infer<typeof invocationsSchema>['Invocations']['Invocation'][number];
/** `Parameters` comes back as JSON text. */
const parametersSchema = z.record(z.string(), z.string());

export function createCloudAssistant(ecs: EcsCaller, regionId: string): CloudAssistant {
  async function describe(filter: object): Promise<Invocation[]> {
    const request = new DescribeInvocationsRequest({
      regionId,
      includeOutput: true,
      contentEncoding: 'Base64',
      ...filter,
    });
    const answer = await ecs.call('DescribeInvocations', request.toMap(), invocationsSchema);
    return answer.Invocations.Invocation.map(toInvocation);
  }

  return {
    findCommandId: async (name) => {
      const request = new DescribeCommandsRequest({ regionId, name, maxResults: 50 });
      const answer = await ecs.call('DescribeCommands', request.toMap(), commandsSchema);
      return answer.Commands.Command.find((command) => command.Name === name)?.CommandId;
    },
    run: async (input) => {
      const { InvokeId } = await ecs.call(input.operation, runQuery(input, regionId), invokedSchema);
      return { invokeId: InvokeId };
    },
    findInvocation: async (invokeId) =>
      (await describe({ invokeId })).find((invocation) => invocation.invokeId === invokeId),
    // IncludeOutput needs an InvokeId or an InstanceId, so a search by tag goes without.
    findInvocationsByTag: (key, value) => describe({ includeOutput: false, tag: [{ key, value }] }),
    findOnline: async (instanceIds) => {
      const request = new DescribeCloudAssistantStatusRequest({ regionId, instanceId: [...instanceIds], pageSize: 50 });
      const answer = await ecs.call('DescribeCloudAssistantStatus', request.toMap(), statusesSchema);
      const statuses = answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus;
      return statuses.flatMap((one) => (one.CloudAssistantStatus === 'true' ? [one.InstanceId] : []));
    },
  };
}

function runQuery(input: CommandInput, regionId: string): Record<string, unknown> {
  const common = {
    regionId,
    instanceId: input.instances,
    timeout: input.timeout_seconds,
    clientToken: input.client_token,
    terminationMode: 'ProcessTree',
    tag: Object.entries(input.tags).map(([key, value]) => ({ key, value })),
  };
  // The API wants the parameters as one JSON text; the SDK's own client does the same conversion.
  const parameters = { Parameters: JSON.stringify(input.parameters) };
  if (input.operation === 'InvokeCommand') {
    return { ...new InvokeCommandRequest({ ...common, commandId: input.command_id }).toMap(), ...parameters };
  }
  const script = {
    type: 'RunShellScript',
    name: input.command_name,
    commandContent: Buffer.from(input.content).toString('base64'),
    contentEncoding: 'Base64',
    enableParameter: true,
  };
  return { ...new RunCommandRequest({ ...common, ...script }).toMap(), ...parameters };
}

function toInvocation(answer: InvocationAnswer): Invocation {
  const parameters = parametersSchema.safeParse(parseJson(answer.Parameters));
  return {
    invokeId: answer.InvokeId,
    commandName: answer.CommandName,
    commandContent: Buffer.from(answer.CommandContent, 'base64').toString(),
    parameters: parameters.success ? parameters.data : {},
    tags: Object.fromEntries(answer.Tags.Tag.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    instances: answer.InvokeInstances.InvokeInstance.map((instance) => ({
      instanceId: instance.InstanceId,
      status: instance.InvocationStatus,
      exitCode: instance.ExitCode,
      errorCode: instance.ErrorCode,
      errorInfo: instance.ErrorInfo,
      startTime: instance.StartTime,
      finishTime: instance.FinishTime,
      output: Buffer.from(instance.Output, 'base64'),
      dropped: instance.Dropped,
    })),
  };
}
