import { notEmulated } from './api-error.ts';
import { checkContentSize } from './command-content.ts';
import { fillParameters, parameterNames, readParameters } from './command-parameters.ts';
import type { Call } from './operation.ts';
import { pickInstances } from './pick-instances.ts';
import { type Command, type Invocation, pendingRun } from './records.ts';
import { MAX_RUN_INSTANCES, type RunInput, refuseNotEmulated, refuseWindows } from './run-input.ts';

/** Checks a run against its command and makes the record of it. Nothing is kept or started yet. */
export function acceptRun(input: RunInput, command: Command, { state, clientToken }: Call): Invocation {
  refuseNotEmulated(input);
  if (command.launcher) throw notEmulated('Launcher');
  refuseWindows(command.type);
  const instanceIds = pickInstances(state, input.InstanceId, {
    resourceTags: input.ResourceTag,
    max: MAX_RUN_INSTANCES,
  });
  const content = Buffer.from(command.content, 'base64');
  const parameters = readParameters(input.Parameters, command.enableParameter ? parameterNames(content) : 'disabled');
  if (command.enableParameter) checkContentSize(fillParameters(content, parameters));
  const now = state.clock.now();
  return {
    clientToken,
    creationTime: now,
    tags: input.Tag,
    resourceGroupId: input.ResourceGroupId,
    invokeId: state.makeId('t'),
    commandId: command.commandId,
    commandName: command.name,
    commandDescription: command.description,
    commandType: command.type,
    content: command.content,
    enableParameter: command.enableParameter,
    parameters,
    timeout: input.Timeout ?? command.timeout,
    workingDir: (input.WorkingDir ?? command.workingDir) || (input.Username ? '' : '/root'),
    username: input.Username,
    terminationMode: input.TerminationMode,
    runs: instanceIds.map((id) => pendingRun(id, now)),
  };
}
