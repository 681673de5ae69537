import { z } from 'zod';
import { apiError } from '../api-error.ts';
import { required } from '../input.ts';
import { operation } from '../operation.ts';

export const deleteCommand = operation(
  'DeleteCommand',
  z.object({ CommandId: required() }),
  async (input, { state }) => {
    const command = state.commands.get(input.CommandId);
    if (!command) throw apiError('InvalidCmdId.NotFound');
    await state.commands.remove(command);
    return {};
  },
);
