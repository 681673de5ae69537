import type { Clock } from '../../shared/clock.ts';
import { ApiError } from '../cloud-assistant/api-error.ts';
import { parameterTree } from '../cloud-assistant/parameter-tree.ts';
import { readCall } from '../cloud-assistant/read-call.ts';
import { writeAnswer } from '../cloud-assistant/write-answer.ts';
import type { HttpHandler } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import { createNonceMemory } from '../signatures/nonce-memory.ts';
import { verifySignature } from '../signatures/verify-signature.ts';
import { openRamState } from './keep-state.ts';
import { policyOperations } from './policy-operations.ts';
import { roleOperations } from './role-operations.ts';
import type { RamState } from './state.ts';

export interface RamOptions {
  identities: Identities;
  /** The time callers sign with. */
  clock: Clock;
  newId: () => string;
  /** Where roles and policies are kept. */
  directory: string;
}

export interface Ram {
  handle: HttpHandler;
  /** What there is, for tools in the same process. */
  state: RamState;
}

const VERSION = '2015-05-01';
const READS = /^(Get|List)/;

/** The embedded RAM; what it speaks and what it does not is in the README beside this file. */
export function createRam({ identities, clock, newId, directory }: RamOptions): Ram {
  const { state, save } = openRamState(identities.accountId, directory);
  const operations = new Map(Object.entries({ ...roleOperations(state), ...policyOperations(state) }));
  const nonces = createNonceMemory({ clock });
  const handle: HttpHandler = async (request) => {
    const call = readCall(request);
    const refuse = ({ status, code, message }: { status: number; code: string; message: string }) => {
      const body = { RequestId: newId().toUpperCase(), HostId: 'ram.aliyuncs.com', Code: code, Message: message };
      return writeAnswer(call.format, status, 'Error', body);
    };
    const { refusal } = verifySignature(request, { identities, clock, nonces });
    if (refusal) return refuse(refusal);
    const operation = operations.get(call.action);
    if (!operation || call.version !== VERSION)
      return refuse({ status: 404, code: 'InvalidAction.NotFound', message: `${call.action} is not emulated.` });
    try {
      const body = operation(parameterTree(call.parameters));
      if (!READS.test(call.action)) save();
      return writeAnswer(call.format, 200, `${call.action}Response`, { RequestId: newId().toUpperCase(), ...body });
    } catch (error) {
      if (error instanceof ApiError) return refuse(error);
      throw error;
    }
  };
  return { handle, state };
}
