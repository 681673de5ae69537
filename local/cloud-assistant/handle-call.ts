import { errorMessage } from '../../shared/errors.ts';
import type { HttpHandler, HttpRequest } from '../http/server.ts';
import type { SignatureOptions } from '../signatures/verify-acs3.ts';
import { verifySignature } from '../signatures/verify-signature.ts';
import { ApiError, apiError, missingParameter } from './api-error.ts';
import type { Operation } from './operation.ts';
import { createCommand } from './operations/create-command.ts';
import { deleteCommand } from './operations/delete-command.ts';
import { describeCloudAssistantStatus } from './operations/describe-cloud-assistant-status.ts';
import { describeCommands } from './operations/describe-commands.ts';
import { describeInstances } from './operations/describe-instances.ts';
import { describeInvocationResults } from './operations/describe-invocation-results.ts';
import { describeInvocations } from './operations/describe-invocations.ts';
import { describeSendFileResults } from './operations/describe-send-file-results.ts';
import { invokeCommand } from './operations/invoke-command.ts';
import { modifyCommand } from './operations/modify-command.ts';
import { runCommand } from './operations/run-command.ts';
import { sendFile } from './operations/send-file.ts';
import { stopInvocation } from './operations/stop-invocation.ts';
import { tagResources, untagResources } from './operations/tag-resources.ts';
import { parameterTree } from './parameter-tree.ts';
import { clientTokenOf, type RpcCall, readCall } from './read-call.ts';
import type { State } from './state.ts';
import { writeAnswer, writeRefusal } from './write-answer.ts';

const VERSION = '2014-05-26';

const OPERATIONS: readonly Operation[] = [
  createCommand,
  deleteCommand,
  describeCloudAssistantStatus,
  describeCommands,
  describeInstances,
  describeInvocationResults,
  describeInvocations,
  describeSendFileResults,
  invokeCommand,
  modifyCommand,
  runCommand,
  sendFile,
  stopInvocation,
  tagResources,
  untagResources,
];

/** From a request to its answer, refusals included. */
export function createCallHandler(state: State, signing: SignatureOptions): HttpHandler {
  return async (request) => {
    const call = readCall(request);
    try {
      const { refusal } = verifySignature(request, signing);
      if (refusal) return writeRefusal(state, call.format, refusal);
      // From here on it is certain who calls; whether they may do this is asked before, at the door.
      const body = await perform(state, request, call);
      const answer = { ...body, RequestId: state.newId().toUpperCase() };
      return writeAnswer(call.format, 200, `${call.action}Response`, answer);
    } catch (error) {
      if (error instanceof ApiError) return writeRefusal(state, call.format, error);
      state.log.error('operation failed', { operation: call.action, error: errorMessage(error) });
      return writeRefusal(state, call.format, apiError('InternalError'));
    }
  };
}

async function perform(state: State, request: HttpRequest, call: RpcCall): Promise<object> {
  if (!call.action) throw missingParameter('Action');
  if (!call.version) throw missingParameter('Version');
  const found = OPERATIONS.find(({ name }) => name === call.action);
  if (!found || call.version !== VERSION || request.rawPath !== '/') throw apiError('InvalidApi.NotFound');
  const { RegionId, ...parameters } = parameterTree(call.parameters);
  if (!RegionId) throw missingParameter('RegionId');
  if (RegionId !== state.region) throw apiError('InvalidRegionId.NotFound');
  return found.perform(parameters, { state, clientToken: clientTokenOf(call) });
}
