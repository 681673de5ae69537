import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { checkContentSize, decodeContent } from '../command-content.ts';
import { parameterNames } from '../command-parameters.ts';
import {
  base64Unless,
  clientToken,
  commandName,
  flag,
  launcher,
  required,
  tags,
  text,
  timeout,
  workingDir,
} from '../input.ts';
import { findRepeated, operation } from '../operation.ts';
import { COMMAND_TYPES, type Command } from '../records.ts';

/** The lower bound of the documented range (500 to 50,000 by account). */
export const MAX_COMMANDS = 500;

const Input = z.object({
  ClientToken: clientToken(),
  Name: required().pipe(commandName()),
  Type: required().pipe(z.enum(COMMAND_TYPES, 'InvalidCmdType.NotFound')),
  CommandContent: required(),
  ContentEncoding: base64Unless(),
  Description: text(512, 'CmdDesc.ExceedLimit').default(''),
  EnableParameter: flag().default(false),
  Launcher: launcher().default(''),
  ResourceGroupId: text(64, 'InvalidParameter').default(''),
  Tag: tags(),
  Timeout: timeout().default(60),
  WorkingDir: workingDir().default(''),
});

export const createCommand = operation('CreateCommand', Input, async (input, call) => {
  const { state, clientToken } = call;
  const repeated = findRepeated(state.commands, call);
  if (repeated) {
    await state.commands.settled(repeated);
    return { CommandId: repeated.commandId };
  }
  const content = decodeContent(input.CommandContent, input.ContentEncoding, 'CmdContent.DecodeError');
  checkContentSize(content);
  if (input.EnableParameter) parameterNames(content);
  if (state.commands.newestFirst().length >= MAX_COMMANDS) throw apiError('CmdCount.ExceedQuota');
  const command: Command = {
    clientToken,
    creationTime: state.clock.now(),
    tags: input.Tag,
    resourceGroupId: input.ResourceGroupId,
    commandId: state.makeId('c'),
    name: input.Name,
    description: input.Description,
    type: input.Type,
    content: content.toString('base64'),
    timeout: input.Timeout,
    workingDir: input.WorkingDir,
    launcher: input.Launcher,
    enableParameter: input.EnableParameter,
    invokeTimes: 0,
  };
  await state.commands.add(command);
  return { CommandId: command.commandId };
});
