import type { z } from 'zod';
import { apiError } from './api-error.ts';
import { parseInput } from './input.ts';
import type { ParameterTree } from './parameter-tree.ts';
import type { RecordCollection } from './record-collection.ts';
import type { ClientToken } from './records.ts';
import type { State } from './state.ts';

export interface Call {
  state: State;
  /** Present when the caller sent a ClientToken. */
  clientToken: ClientToken | undefined;
}

/** One API operation; its answer goes out with a RequestId. */
export interface Operation {
  name: string;
  perform(parameters: Record<string, ParameterTree>, call: Call): Promise<object>;
}

export function operation<S extends z.ZodType>(
  name: string,
  schema: S,
  perform: (input: z.infer<S>, call: Call) => Promise<object> | object,
): Operation {
  return { name, perform: async (parameters, call) => perform(parseInput(schema, parameters), call) };
}

/**
 * What the same ClientToken made before. It is searched in the records themselves, so an answer outlives a restart and
 * a second call finds the first one while that is still being written. Throws when the parameters differ.
 *
 * To keep two calls at once from both finding nothing, a caller must add its record before it awaits anything else.
 */
export function findRepeated<T extends { clientToken?: ClientToken | undefined }>(
  records: RecordCollection<T>,
  { clientToken }: Call,
): T | undefined {
  if (!clientToken) return undefined;
  const record = records.newestFirst().find((candidate) => candidate.clientToken?.key === clientToken.key);
  if (record && record.clientToken?.digest !== clientToken.digest) throw apiError('IdempotentParameterMismatch');
  return record;
}
