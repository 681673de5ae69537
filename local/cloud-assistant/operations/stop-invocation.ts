import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { instanceIds, required } from '../input.ts';
import { operation } from '../operation.ts';

const Input = z.object({ InvokeId: required(), InstanceId: instanceIds(50) });

/** Without instances all of them are stopped. What has ended stays as it is. */
export const stopInvocation = operation('StopInvocation', Input, async (input, { state }) => {
  const invocation = state.invocations.get(input.InvokeId);
  if (!invocation) throw apiError('InvalidInvokeId.NotFound');
  const unknown = input.InstanceId.find((id) => !invocation.runs.some((run) => run.instanceId === id));
  if (unknown) throw apiError('InvalidInstanceId.NotFound', unknown);
  const chosen = invocation.runs.filter(
    ({ instanceId }) => input.InstanceId.length === 0 || input.InstanceId.includes(instanceId),
  );
  await state.runner.stop(invocation, chosen);
  return {};
});
