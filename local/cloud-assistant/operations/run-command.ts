import { z } from 'zod';
import { acceptRun } from '../accept-run.ts';
import { apiError } from '../api-error.ts';
import { checkContentSize, decodeContent } from '../command-content.ts';
import { parameterNames } from '../command-parameters.ts';
import { commandName, flag, required, text } from '../input.ts';
import { type Call, findRepeated, operation } from '../operation.ts';
import { COMMAND_TYPES, type Command } from '../records.ts';
import { retain } from '../retain.ts';
import { RunInput } from '../run-input.ts';
import { MAX_COMMANDS } from './create-command.ts';

const Input = RunInput.extend({
  Type: required().pipe(z.enum(COMMAND_TYPES, 'InvalidCmdType.NotFound')),
  CommandContent: required(),
  /** Any unknown value means PlainText: the opposite of CreateCommand. */
  ContentEncoding: z
    .string()
    .default('PlainText')
    .transform((value) => (value.toLowerCase() === 'base64' ? 'Base64' : 'PlainText')),
  Description: text(512, 'CmdDesc.ExceedLimit').default(''),
  EnableParameter: flag().default(false),
  KeepCommand: flag().default(false),
  Name: commandName().default(''),
});
type Input = z.infer<typeof Input>;

export const runCommand = operation('RunCommand', Input, async (input, call) => {
  const { state } = call;
  const repeated = findRepeated(state.invocations, call);
  if (repeated) {
    await state.invocations.settled(repeated);
    return { CommandId: repeated.commandId, InvokeId: repeated.invokeId };
  }
  const command = commandOf(input, call);
  const invocation = acceptRun(input, command, call);
  if (input.KeepCommand && state.commands.newestFirst().length >= MAX_COMMANDS) throw apiError('CmdCount.ExceedQuota');
  await Promise.all([state.invocations.add(invocation), input.KeepCommand && state.commands.add(command)]);
  state.runner.startScripts(invocation);
  await retain(state.invocations, state.clock.now());
  return { CommandId: command.commandId, InvokeId: invocation.invokeId };
});

/** The ClientToken belongs to the run, not to the command that it leaves behind. */
function commandOf(input: Input, { state }: Call): Command {
  const content = decodeContent(input.CommandContent, input.ContentEncoding, 'CmdContent.DecodeError');
  checkContentSize(content);
  if (input.EnableParameter) parameterNames(content);
  return {
    creationTime: state.clock.now(),
    tags: [],
    resourceGroupId: input.ResourceGroupId,
    commandId: state.makeId('c'),
    name: input.Name,
    description: input.Description,
    type: input.Type,
    content: content.toString('base64'),
    timeout: input.Timeout ?? 60,
    workingDir: input.WorkingDir ?? '',
    launcher: '',
    enableParameter: input.EnableParameter,
    invokeTimes: 1,
  };
}
