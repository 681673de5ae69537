import type { Parameters, ProvisionRequest } from '../../shared/events.ts';
import { idempotencyKey, originalOf } from '../../shared/ids.ts';
import type { Names } from '../../shared/names.ts';
import type { CommandInput } from '../../shared/request/records.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import { type CommandDefinition, defineCommand, type Scripts } from '../../shared/workflows/command-content.ts';
import { placeholdersOf } from '../../shared/workflows/lookups.ts';
import type { Command, Workflow, Workflows } from '../../shared/workflows/schema.ts';

/** Instances of one run; the API's own limit. */
const MAX_INSTANCES = 100;

export interface RunPlan {
  command: Command;
  definition: CommandDefinition;
  /** The input but for the command's id, which has to be looked up. */
  input: CommandInput;
}

/** The whole input of the run, from the accepted request and the configuration alone. */
export function planRun(
  request: ProvisionRequest,
  options: { workflows: Workflows; scripts: Scripts; environmentName: string; names: Names },
): RunPlan {
  const workflow = options.workflows.workflows[request.workflow];
  const name = request.action === 'revoke' ? workflow?.revoke?.command : workflow?.run.command;
  const command = name === undefined ? undefined : options.workflows.commands[name];
  if (!workflow || name === undefined || !command)
    throw new Error(`the workflow ${request.workflow} is not in workflows.yaml any more; the request stays open`);
  const definition = defineCommand(options.names.commandPrefix, name, command, options.scripts);
  const input: CommandInput = {
    operation: command.path === undefined ? 'RunCommand' : 'InvokeCommand',
    command_name: definition.name,
    content: definition.content,
    content_sha256: definition.contentSha256,
    instances: request.instances ?? instancesOf(workflow, request),
    parameters: commandParameters(command, workflow, request),
    timeout_seconds: workflow.run.timeout,
    client_token: idempotencyKey(request.request_id, 'run'),
    tags: { [REQUEST_TAG]: request.request_id, [ENVIRONMENT_TAG]: options.environmentName },
  };
  return { command, definition, input };
}

/** One text of the configuration may name several instances with commas, as it does when it comes from a variable. */
function instancesOf({ run: { instances } }: Workflow, { parameters }: ProvisionRequest): string[] {
  const texts = Array.isArray(instances) ? instances : pick(instances, parameters);
  const ids = texts.flatMap((text) => text.split(',')).map((id) => id.trim());
  const unique = [...new Set(ids.filter((id) => id !== ''))];
  if (unique.length === 0 || unique.length > MAX_INSTANCES)
    throw new Error(`run.instances names ${unique.length} instances; 1 to 100 are possible`);
  return unique;
}

function pick(
  { parameter, map }: { parameter: string; map: Record<string, string> },
  parameters: Parameters,
): string[] {
  const value = parameters[parameter] ?? '';
  const text = Object.hasOwn(map, value) ? map[value] : undefined;
  if (text === undefined)
    throw new Error(`run.instances has no entry for the ${parameter} "${value}" any more; the request stays open`);
  return [text];
}

function commandParameters(command: Command, workflow: Workflow, request: ProvisionRequest): Record<string, string> {
  const filledIn = (name: string): string => {
    // What a run grants it grants for the approval, whichever attempt it is, so that the reversal finds it.
    if (name === 'request_id') return originalOf(request.request_id);
    const value = request.parameters[name];
    if (value === undefined)
      throw new Error(`workflows.yaml has a parameter ${name} that the request was accepted without; it stays open`);
    return workflow.parameters[name]?.text ? Buffer.from(value).toString('base64') : value;
  };
  return Object.fromEntries(placeholdersOf(command).map((name) => [name, filledIn(name)]));
}
