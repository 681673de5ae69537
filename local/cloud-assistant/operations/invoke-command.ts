import { acceptRun } from '../accept-run.ts';
import { apiError } from '../api-error.ts';
import { required } from '../input.ts';
import { findRepeated, operation } from '../operation.ts';
import { retain } from '../retain.ts';
import { RunInput } from '../run-input.ts';

const Input = RunInput.extend({ CommandId: required() });

export const invokeCommand = operation('InvokeCommand', Input, async (input, call) => {
  const { state } = call;
  const repeated = findRepeated(state.invocations, call);
  if (repeated) {
    await state.invocations.settled(repeated);
    return { InvokeId: repeated.invokeId };
  }
  const command = state.commands.get(input.CommandId);
  if (!command) throw apiError('InvalidCmdId.NotFound');
  const invocation = acceptRun(input, command, call);
  await state.invocations.add(invocation);
  state.runner.startScripts(invocation);
  command.invokeTimes += 1;
  await state.commands.save(command);
  await retain(state.invocations, state.clock.now());
  return { InvokeId: invocation.invokeId };
});
