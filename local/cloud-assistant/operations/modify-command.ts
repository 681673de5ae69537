import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { commandName, launcher, required, text, timeout, workingDir } from '../input.ts';
import { operation } from '../operation.ts';

const Input = z.object({
  CommandId: required(),
  Description: text(512, 'CmdDesc.ExceedLimit').optional(),
  Launcher: launcher().optional(),
  Name: commandName().optional(),
  Timeout: timeout().optional(),
  WorkingDir: workingDir().optional(),
});

/** CommandContent is accepted and has no effect, as documented. Invocations keep what they were made from. */
export const modifyCommand = operation('ModifyCommand', Input, async (input, { state }) => {
  const command = state.commands.get(input.CommandId);
  if (!command) throw apiError('InvalidCmdId.NotFound');
  command.name = input.Name ?? command.name;
  command.description = input.Description ?? command.description;
  command.launcher = input.Launcher ?? command.launcher;
  command.timeout = input.Timeout ?? command.timeout;
  command.workingDir = input.WorkingDir ?? command.workingDir;
  await state.commands.save(command);
  return {};
});
